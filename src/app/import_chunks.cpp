#include "app/import_chunks.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::app {
namespace {

// A document may break its lines between values, a line of JSON lines may not. Inside strings a line break is no JSON.
void append_on_one_line(std::string& out, std::string_view json) {
  auto begin = out.size();
  out += json;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\n' || c == '\r'; },
                  ' ');
  out += '\n';
}

}  // namespace

import_chunks::import_chunks(std::vector<database::new_row> rows, std::vector<std::size_t> lines, std::size_t bytes_max,
                             std::size_t rows_max)
    : rows_(std::move(rows)), lines_(std::move(lines)), bytes_max_(bytes_max), rows_max_(rows_max) {
  DBCORD_ASSERT(rows_.size() == lines_.size() && rows_max_ > 0);
}

std::optional<import_chunk> import_chunks::next() {
  if (taken_ == rows_.size()) return std::nullopt;
  import_chunk chunk;
  while (taken_ < rows_.size() && chunk.lines.size() < rows_max_) {
    auto& row = rows_[taken_].json;
    if (!chunk.lines.empty() && chunk.bytes.size() + row.size() + 1 > bytes_max_) break;
    append_on_one_line(chunk.bytes, row);
    std::string().swap(row);
    chunk.lines.push_back(lines_[taken_++]);
  }
  return chunk;
}

}  // namespace dbcord::app
