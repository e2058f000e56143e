#include "app/import_chunks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commands/csv_reader.hpp"
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

// A record of CSV may be longer than the row that it becomes, by quotes and commas.
constexpr std::size_t csv_margin = 1024 * 1024;

}  // namespace

void refuse_too_large(commands::import_content& content, bool csv, std::size_t row_cap) {
  auto at_most = csv ? row_cap + csv_margin : row_cap;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < content.rows.size(); ++i) {
    auto size = content.rows[i].json.size();
    auto item = content.items.empty() ? 0 : content.items[i];
    if (size > at_most) {
      content.refused.push_back({content.lines[i], {}, fmt::format("the row has {} bytes; at most {} are allowed", size, row_cap), item});
      continue;
    }
    if (kept != i) content.rows[kept] = std::move(content.rows[i]);
    content.lines[kept] = content.lines[i];
    if (!content.items.empty()) content.items[kept] = item;
    ++kept;
  }
  content.rows.resize(kept);
  content.lines.resize(kept);
  if (!content.items.empty()) content.items.resize(kept);
}

std::optional<std::size_t> import_chunk::row_at(std::size_t line_of_bytes) const {
  auto found = std::lower_bound(begins.begin(), begins.end(), line_of_bytes);
  if (found == begins.end() || *found != line_of_bytes) return std::nullopt;
  return static_cast<std::size_t>(found - begins.begin());
}

import_chunks::import_chunks(commands::import_content content, std::optional<std::string> csv_header, std::size_t bytes_max, std::size_t rows_max)
    : rows_(std::move(content.rows)), lines_(std::move(content.lines)), items_(std::move(content.items)), csv_header_(std::move(csv_header)), bytes_max_(bytes_max), rows_max_(rows_max) {
  DBCORD_ASSERT(rows_.size() == lines_.size() && rows_max_ > 0);
}

std::optional<import_chunk> import_chunks::next() {
  if (taken_ == rows_.size()) return std::nullopt;
  import_chunk chunk;
  std::size_t line = 1;
  if (csv_header_) {
    chunk.bytes = *csv_header_ + '\n';
    line += commands::count_csv_lines(*csv_header_);
  }
  while (taken_ < rows_.size() && chunk.lines.size() < rows_max_) {
    auto& row = rows_[taken_].json;
    if (!chunk.lines.empty() && chunk.bytes.size() + row.size() + 1 > bytes_max_) break;
    append(chunk, line, row);
    std::string().swap(row);
    if (!items_.empty()) chunk.items.push_back(items_[taken_]);
    chunk.lines.push_back(lines_[taken_++]);
  }
  return chunk;
}

void import_chunks::append(import_chunk& chunk, std::size_t& line, std::string_view row) const {
  chunk.begins.push_back(line);
  if (csv_header_) {
    chunk.bytes.append(row) += '\n';
    line += commands::count_csv_lines(row);
  } else {
    append_on_one_line(chunk.bytes, row);
    ++line;
  }
}

}  // namespace dbcord::app
