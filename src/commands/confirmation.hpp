#pragma once
// What a button that asks first confirms: the very table or database that it asked about, by its id. Whoever presses it may do so when that is gone and another one
// has its name. A row is told by its table's id and its LSN as well: what has the same key later is another row, or a version that nobody
// was shown. A person who types `confirm` gives the name, and means whatever has it then. Pure, any thread.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace dbcord::commands {

inline constexpr char id_mark = '#';

inline std::string confirmation_of(const std::string& id) { return id_mark + id; }

// Empty: it is a name.
inline std::optional<std::string> id_confirmed(const std::string& confirm) {
  bool is_id = confirm.size() > 1 && confirm.front() == id_mark;
  return is_id ? std::optional(confirm.substr(1)) : std::nullopt;
}

// An id and a number behind a mark. Empty: it is none.
struct confirmed_number {
  std::string id;
  std::uint64_t number = 0;
};

inline std::optional<confirmed_number> number_confirmed(const std::string& confirm, char mark) {
  auto id = id_confirmed(confirm);
  auto at = id ? id->rfind(mark) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  confirmed_number asked{id->substr(0, at)};
  const auto* end = id->data() + id->size();
  auto parsed = std::from_chars(id->data() + at + 1, end, asked.number);
  return parsed.ec == std::errc() && parsed.ptr == end && !asked.id.empty() ? std::optional(asked) : std::nullopt;
}

// What was asked about with the number of its rows: when there are more by now, nobody has said yes to those.
inline constexpr char rows_mark = '+';

struct confirmed_rows {
  std::string id;
  std::uint64_t rows = 0;
};

inline std::string confirmation_of_rows(const confirmed_rows& asked) { return confirmation_of(asked.id) + rows_mark + std::to_string(asked.rows); }

// Empty: it is a name.
inline std::optional<confirmed_rows> rows_confirmed(const std::string& confirm) {
  auto asked = number_confirmed(confirm, rows_mark);
  return asked ? std::optional(confirmed_rows{std::move(asked->id), asked->number}) : std::nullopt;
}

inline constexpr char lsn_mark = '@';

struct confirmed_row {
  std::string table_id;
  std::uint64_t lsn = 0;  // 0: there was none
};

inline std::string confirmation_of_row(const confirmed_row& row) { return confirmation_of(row.table_id) + lsn_mark + std::to_string(row.lsn); }

// Empty: it is a key.
inline std::optional<confirmed_row> row_confirmed(const std::string& confirm) {
  auto asked = number_confirmed(confirm, lsn_mark);
  return asked ? std::optional(confirmed_row{std::move(asked->id), asked->number}) : std::nullopt;
}

}  // namespace dbcord::commands
