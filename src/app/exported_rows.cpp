#include "app/exported_rows.hpp"

#include <limits>

#include "commands/export_file.hpp"

namespace dbcord::app {

using commands::file_format;

base::result<void> exported_rows::add(std::string_view lines) {
  while (!lines.empty()) {
    auto end = lines.find('\n');
    auto row = lines.substr(0, end);
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    if (row.empty()) continue;
    auto added = add_row(row);
    if (!added) return added;
    ++count_;
  }
  return {};
}

base::result<void> exported_rows::add_row(std::string_view row) {
  if (format_ == file_format::csv) {
    rows_.emplace_back(row);
    return {};
  }
  bool lines = format_ == file_format::jsonl;
  std::string text = lines ? "" : count_ == 0 ? "[\n" : ",\n";
  text += row;
  if (lines) text += '\n';
  return write_(text);
}

base::result<void> exported_rows::end() {
  if (format_ == file_format::csv) {
    auto all = commands::export_file(rows_, format_, std::numeric_limits<std::size_t>::max());
    return write_(*all);
  }
  if (format_ == file_format::jsonl) return {};
  return write_(count_ == 0 ? "[\n]\n" : "\n]\n");
}

}  // namespace dbcord::app
