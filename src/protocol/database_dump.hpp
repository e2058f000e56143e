#pragma once
// A whole database as JSON lines: a head, then each table (a line of its own that says how many rows follow, and those, as they are stored),
// then an end with the numbers and the SHA-256 of everything before it. What snapshots of databases hold, and the files of `dbcord backup`.
// Pure, one owner; reading never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "dbcord/base/sha256_stream.hpp"
#include "protocol/snapshot_part.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::protocol {

inline constexpr std::uint64_t dump_version = 1;

struct dump_head {
  std::string database;
  std::uint64_t lsn = 0;            // everything up to it is in the dump, nothing behind it
  std::string taken;                // ISO 8601
  std::string access_json = "{}";   // access_rules
  std::uint64_t tables = 0;
  bool accept_deletions = false;    // set_deletions; a dump of an earlier version does not say
};
struct dump_table {
  snapshot_head head;
  snapshot_settings settings;          // not `head`'s own, and without its row_threads
  std::uint64_t rows = 0;
  bool row_threads = false;            // set_row_threads; a dump of an earlier version does not say
};
struct dump_row {
  std::string json;  // has the primary key field
};
struct dump_end {
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
};
using dump_item = std::variant<dump_head, dump_table, dump_row, dump_end>;

// Each answers a line, with its line break. In the order of the format; the tables with their stated numbers of rows.
class dump_writer {
 public:
  std::string head(const dump_head& head);
  std::string table(const dump_table& table);
  std::string row(std::string_view json);
  std::string end();

 private:
  std::string counted(std::string line);

  base::sha256_stream hash_;
  std::uint64_t tables_ = 0;
  std::uint64_t rows_ = 0;
};

// Takes the lines one by one, without their line breaks. An error says what is damaged.
class dump_reader {
 public:
  base::result<dump_item> line(std::string_view line);
  bool ended() const { return ended_; }

 private:
  base::result<dump_item> read_head(std::string_view line);
  base::result<dump_item> read_table(std::string_view line);
  base::result<dump_item> read_end(std::string_view line);

  base::sha256_stream hash_;
  std::optional<std::uint64_t> tables_stated_;
  std::uint64_t tables_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t rows_to_come_ = 0;
  bool ended_ = false;
};

}  // namespace dbcord::protocol
