#include "commands/csv_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.hpp"
#include "commands/csv_columns.hpp"
#include "commands/file_format.hpp"
#include "commands/json_scan.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

// Every row repeats the names of its fields: a file of many short rows under a long header would become too much.
constexpr std::size_t most_json_bytes = 128 * 1024 * 1024;

base::error about_file(std::string sentence) { return {base::errc::invalid_argument, "file: " + std::move(sentence)}; }

base::result<std::string_view> csv_text(std::string_view bytes) {
  auto text = text_of_file(bytes);
  if (!text) return text;
  auto bad = find_invalid_utf8(*text);
  if (!bad) return text;
  auto line = std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(*bad), '\n') + 1;
  return about_file(fmt::format("it is not UTF-8 at line {} (the byte 0x{:02X}); save it as UTF-8.", line, static_cast<unsigned char>((*text)[*bad])));
}

base::result<csv_columns> columns_of(const csv_record& header, std::string_view key, const protocol::row_schema& schema) {
  auto columns = csv_columns::from_header(header, schema);
  if (columns && !key.empty() && !columns->has(key)) return about_file(fmt::format("the header has no column {}, the primary key.", quote(key)));
  return columns;
}

// Calls `row` for every record behind the header, until it answers an error.
template <class Header, class Row>
base::result<void> read_csv(std::string_view bytes, Header header, Row row) {
  auto text = csv_text(bytes);
  if (!text) return text.error();
  csv_reader reader(*text);
  csv_record record;
  bool first = true;
  for (;;) {
    auto more = reader.next(record);
    if (!more) return about_file(more.error().message + "; nothing was imported.");
    if (!*more && !first) return {};
    base::result<void> taken = first ? header(record) : row(record);
    if (!taken) return taken;
    first = false;
  }
}

}  // namespace

base::result<import_content> cut_csv_file(std::string_view bytes, std::string_view key, const protocol::row_schema& schema) {
  import_content content;
  std::optional<csv_columns> columns;
  std::size_t json_bytes = 0;
  auto header = [&](const csv_record& record) -> base::result<void> {
    auto named = columns_of(record, key, schema);
    if (!named) return named.error();
    columns.emplace(std::move(*named));
    return {};
  };
  auto row = [&](const csv_record& record) -> base::result<void> {
    auto json = columns->row_of(record);
    if (!json) {
      content.refused.push_back({record.line, {}, json.error().message});
      return {};
    }
    json_bytes += json->size();
    if (json_bytes > most_json_bytes) return about_file(fmt::format("as JSON its rows have more than {} bytes; cut it into parts.", base::with_separators(most_json_bytes)));
    content.rows.push_back({{}, std::move(*json)});
    content.lines.push_back(record.line);
    return {};
  };
  auto done = read_csv(bytes, header, row);
  if (!done) return done.error();
  return content;
}

base::result<csv_records> cut_csv_records(std::string_view bytes, std::string_view key) {
  csv_records csv;
  auto header = [&](const csv_record& record) -> base::result<void> {
    auto named = columns_of(record, key, {});
    if (!named) return named.error();
    csv.header = record.source;
    return {};
  };
  auto row = [&](const csv_record& record) -> base::result<void> {
    csv.records.rows.push_back({{}, std::string(record.source)});
    csv.records.lines.push_back(record.line);
    return {};
  };
  auto done = read_csv(bytes, header, row);
  if (!done) return done.error();
  return csv;
}

}  // namespace dbcord::commands
