#pragma once
// exported_rows: writes JSON lines that come bit by bit as a file of another format. Plain; used by one coroutine. CSV is written at the end, since any row may bring
// a column: until then its rows are in memory.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/file_format.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::app {

class exported_rows {
 public:
  // Appends to what is written.
  using writer = std::function<base::result<void>(std::string_view bytes)>;

  exported_rows(writer write, commands::file_format format) : write_(std::move(write)), format_(format) {}

  base::result<void> add(std::string_view lines);
  base::result<void> end();
  std::uint64_t count() const { return count_; }

 private:
  base::result<void> add_row(std::string_view row);

  writer write_;
  commands::file_format format_;
  std::uint64_t count_ = 0;
  std::vector<std::string> rows_;  // CSV
};

}  // namespace dbcord::app
