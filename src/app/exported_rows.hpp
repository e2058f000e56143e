#pragma once
// exported_rows: writes JSON lines that come bit by bit as a file of another format. Plain; used by one coroutine. CSV is written at the end, since any row may bring
// a column: until then its rows are in memory.

#include <string>
#include <string_view>
#include <vector>

#include "app/unfinished_file.hpp"
#include "commands/file_format.hpp"

namespace dbcord::app {

class exported_rows {
 public:
  exported_rows(unfinished_file& file, commands::file_format format) : file_(file), format_(format) {}

  base::result<void> add(std::string_view lines);
  base::result<void> end();
  std::uint64_t count() const { return count_; }

 private:
  base::result<void> add_row(std::string_view row);

  unfinished_file& file_;
  commands::file_format format_;
  std::uint64_t count_ = 0;
  std::vector<std::string> rows_;  // CSV
};

}  // namespace dbcord::app
