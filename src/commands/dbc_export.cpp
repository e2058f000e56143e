#include <fmt/format.h>

#include <limits>

#include "commands/arguments.hpp"
#include "commands/export_file.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "commands/where_hints.hpp"

namespace dbcord::commands {
namespace {

// Of the rows in one reply's file, below what any guild allows (10 MiB) with room for commas, quotes and a header.
constexpr std::size_t file_budget = 8 * 1024 * 1024;
constexpr std::size_t largest_export = 10'000'000;
constexpr std::size_t rows_at_once = 1'000'000;

std::vector<std::string> first_rows(std::vector<database::row>& rows) {
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  for (auto& row : rows) {
    bytes += row.json.size() + 2;
    if (bytes > file_budget && !taken.empty()) break;
    taken.push_back(std::move(row.json));
  }
  return taken;
}

// As many of them as the file can hold, which takes the others out of `rows`: CSV can be larger than JSON. Nothing: not even the first.
std::optional<std::string> file_of(std::vector<std::string>& rows, file_format format) {
  for (;;) {
    auto file = export_file(rows, format, largest_export);
    if (file || rows.size() == 1) return file;
    rows.resize((rows.size() + 1) / 2);
  }
}

// Behind the last row of the file, so that rows which come and go meanwhile shift nothing.
button next_file(const invocation& call, const std::string& last_key) {
  prepared_command rest{"dbc_export", call.arguments, false};
  rest.arguments.erase("skip");
  rest.arguments["after"] = last_key;
  return {"Next file ▶", std::move(rest)};
}

}  // namespace

actor::task<reply> dbc_export(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto name = text_argument(call, "format");
  auto format = file_format_named(name.empty() ? "jsonl" : name);
  if (!format) co_return failure(format.error().message);
  database::find_request request;
  auto where = text_argument(call, "where_json");
  if (!where.empty()) request.where_json = where;
  request.limit = rows_at_once;
  request.byte_budget = file_budget;
  request.request_budget = std::numeric_limits<std::size_t>::max();  // a file of all rows is worth the time
  request.skip = static_cast<std::size_t>(integer_argument(call, "skip", 0));
  if (has_argument(call, "after")) request.after = text_argument(call, "after");
  auto context = read_context_of(call);
  auto answer = co_await s.engine.find(database, table, request, context);
  if (!answer) co_return explain(s, call, answer.error());
  auto rows = first_rows(answer->rows);
  auto behind = request.after ? " behind " + quote_key(*request.after) : std::string();
  reply r;
  r.held = std::move(answer->held);
  if (rows.empty()) {
    r.text = fmt::format("No row of `{}.{}`{} is to be exported.", database, table, behind);
    if (answer->matched > 0 || request.after) co_return r;  // they are before
    auto hint = co_await hint_of_nothing_found(s, std::move(call), request.where_json);
    r.text += hint;
    co_return r;
  }
  auto key = answer->rows.front().key;
  auto file = file_of(rows, *format);
  if (!file) co_return failure(fmt::format("format: the row with the key {} is too large as {}; use jsonl.", quote_key(key), name));
  auto last = request.skip + rows.size();
  r.text = fmt::format("Exported {} of `{}.{}`{}.", count(rows.size(), "row"), database, table, behind);
  if (last < answer->matched || answer->not_all_seen) {
    const auto& last_key = answer->rows[rows.size() - 1].key;
    r.buttons.push_back(next_file(call, last_key));
    r.text += fmt::format(" That is {} to {} of {}{}{}: a file holds no more. Go on with {}.", request.skip + 1, last, answer->not_all_seen ? "at least " : "",
                          answer->matched, behind, typed_argument("after", last_key));
  }
  r.files.push_back({fmt::format("{}.{}", table, extension_of(*format)), std::move(*file)});
  co_return r;
}

}  // namespace dbcord::commands
