#pragma once
// Reads CSV (RFC 4180) record by record; libcsv parses. Takes LF and CR as line ends as well as CR LF, inside quotes all three are text.
// Empty lines, and records in which every cell is empty, are left out (spreadsheets end files with such).
// One thread; memory: one record. `text` outlives it.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::commands {

inline constexpr std::size_t most_csv_columns = 16'384;  // what spreadsheets can have

struct csv_cell {
  std::string text;     // without its quotes
  bool quoted = false;
  bool is_empty() const { return !quoted && text.empty(); }  // "" is not: it is a text of no characters
};

struct csv_record {
  std::vector<csv_cell> cells;  // the first most_csv_columns
  std::size_t count = 0;        // of all cells
  bool anything = false;        // stands in one of them
  std::size_t line = 0;         // of the file, on which it begins, from 1
  std::string_view source;      // as it stands in the file, without the line end behind it
};

class csv_reader {
 public:
  explicit csv_reader(std::string_view text);
  ~csv_reader();

  // False: there was no other. An error says what is wrong with the quotes, and where; where the next record begins is a guess then.
  base::result<bool> next(csv_record& record);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// How many lines the source of a record takes, as `line` counts them.
std::size_t count_csv_lines(std::string_view source);

}  // namespace dbcord::commands
