#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/csv_file.hpp"
#include "commands/handlers.hpp"
#include "commands/import_summary.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t shown_inline = 10;
constexpr std::uint64_t largest_file = 25 * 1024 * 1024;  // bytes

std::string as_line(const refused_line& r) {
  boost::json::object line;
  line["line"] = r.line;
  if (r.item > 0) line["item"] = r.item;
  if (!r.key.empty()) line["key"] = r.key;
  line["reason"] = r.reason;
  return boost::json::serialize(line) + "\n";
}

void list_refused(reply& r, const std::vector<refused_line>& refused) {
  for (std::size_t i = 0; i < std::min(refused.size(), shown_inline); ++i) {
    const auto& line = refused[i];
    r.text += fmt::format("\n- line {}{}: {}", line.line, line.key.empty() ? "" : ", " + quote_key(line.key, 40), with_hidden_shown(line.reason));
    if (line.item > 0) r.text += fmt::format(" (item {} of the list)", line.item);
  }
  if (refused.size() > shown_inline)
    r.text += fmt::format("\n… and {} more, all in the attached `{}`.", refused.size() - shown_inline, refused_file);
  file all{std::string(refused_file), {}};
  for (const auto& line : refused) all.bytes += as_line(line);
  r.files.push_back(std::move(all));
}

// The engine's refusals, by position, become lines of the file.
void add_refusals(import_content& content, std::vector<database::refused_row> rows) {
  for (auto& row : rows) {
    auto line = row.index < content.lines.size() ? content.lines[row.index] : 0;
    auto item = row.index < content.items.size() ? content.items[row.index] : 0;
    content.refused.push_back({line, std::move(row.key), std::move(row.reason), item});
  }
  std::stable_sort(content.refused.begin(), content.refused.end(),
                   [](const refused_line& a, const refused_line& b) { return std::tie(a.line, a.item) < std::tie(b.line, b.item); });
}

reply report(const import_content& content, const database::import_report& done, const std::string& table) {
  reply r;
  r.text = import_sentence({done.accepted, content.refused.size()}, table);
  if (done.replaced && *done.replaced > 0) r.text += fmt::format(" Of these {} replaced {}.", *done.replaced, *done.replaced == 1 ? "one that was there" : "rows that were there");
  if (done.accepted > 0) r.text += " " + done.location.url();
  if (!content.refused.empty()) list_refused(r, content.refused);
  r.ok = done.accepted > 0 || content.refused.empty();
  return r;
}

// A key_field that is not the table's own would import rows under other keys than the person believes.
actor::task<complaint> check_key_field(services s, const invocation& call) {
  auto wanted = text_argument(call, "key_field");
  if (wanted.empty()) co_return std::nullopt;
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(text_argument(call, "database"), context);
  if (!summary) co_return explain(s, call, summary.error()).text;
  auto table = text_argument(call, "table");
  for (const auto& t : summary->tables) {
    if (t.name != table || t.primary_key == wanted) continue;
    co_return fmt::format("key_field: {} is not what tells the rows of `{}` apart; its primary key is {}. Give that, or make a table with that pk.", quote_key(wanted), table, quote_key(t.primary_key));
  }
  co_return std::nullopt;
}

// True: rows that are there already are replaced.
base::result<bool> replaces(const invocation& call) {
  auto mode = text_argument(call, "mode");
  if (mode.empty() || mode == "insert") return false;
  if (mode == "upsert") return true;
  return base::error(base::errc::invalid_argument, fmt::format("mode: {} is not known here; use insert or upsert.", quote(mode)));
}

// The table's schema says what cells of CSV mean; the engine checks the rows by it once more.
actor::task<base::result<import_content>> cut(services s, const invocation& call, std::optional<file_format> format, std::string bytes) {
  if (format != file_format::csv) co_return cut_import_file(bytes, text_argument(call, "at"), format);
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(text_argument(call, "database"), text_argument(call, "table"), context);
  if (!summary) co_return base::error(summary.error().code, explain(s, call, summary.error()).text);
  auto schema = protocol::row_schema::parse(summary->schema_json);
  if (!schema) co_return schema.error();
  co_return cut_csv_file(bytes, summary->primary_key, *schema);
}

}  // namespace

actor::task<reply> dbc_import(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto bad = co_await check_key_field(s, call);
  if (bad) co_return failure(*bad);
  auto format = import_format(text_argument(call, "format"), call.attachments.find("file")->second.name, text_argument(call, "at"));
  if (!format) co_return failure(format.error().message);
  auto replace = replaces(call);
  if (!replace) co_return failure(replace.error().message);
  auto too_large = fmt::format("and at most {} can be imported at once; cut it into parts", base::with_separators(largest_file));
  auto bytes = co_await fetch_file(s, call, "file", largest_file, std::move(too_large));
  if (!bytes) co_return failure(bytes.error().message);
  auto content = co_await cut(s, call, *format, std::move(*bytes));
  if (!content) co_return failure(content.error().message);
  auto array = array_within_only_row(*content);
  auto context = write_context_of(call);
  context.replace_rows = *replace;
  auto done = co_await s.engine.import(database, table, std::move(content->rows), std::move(context));
  // Its transactions are commands of their own: no receipt stands for all of them.
  if (!done && done.error().code == database::errc::outcome_unknown) co_return failure(with_full_stop(done.error().message));
  if (!done) co_return explain(s, call, done.error());
  add_refusals(*content, std::move(done->refused));
  // Without a key it is no row, but perhaps what rows lie in.
  if (!array.empty() && content->refused.size() == 1 && content->refused.front().key.empty()) {
    content->refused.front().reason += fmt::format("; if the rows are those in its field {0}, import it with {1}", quote(array), quote("at:" + array));
  }
  co_return report(*content, *done, database + "." + table);
}

}  // namespace dbcord::commands
