#include <fmt/format.h>

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
#include "commands/failed_index.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

std::string as_row(const database::reindex_report::one_index& index) {
  boost::json::object row;
  row["field"] = index.field;
  row["unique"] = index.unique;
  row["entries"] = index.entries;
  row["was_wrong"] = index.was_damaged;
  if (index.state != "ready") row["state"] = index.state;
  return boost::json::serialize(row);
}

std::string checked_text(const database::reindex_report& done, std::size_t failed) {
  auto wrong = static_cast<std::uint64_t>(std::count_if(done.indexes.begin(), done.indexes.end(), [](const auto& i) { return i.was_damaged; }));
  auto text = failed == 0 ? std::string() : fmt::format("{} failed", failed == 1 ? "1 has" : fmt::format("{} have", failed));
  if (failed == done.indexes.size()) return text;
  return text + (failed == 0 ? "" : ", the others are ") + (wrong == 0 ? "all right" : fmt::format("{}{} wrong, built anew", failed == 0 ? "" : "all right but for ", wrong));
}

}  // namespace

actor::task<reply> dbc_reindex(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto done = co_await s.engine.reindex(database, table, context);
  if (!done) co_return explain(s, call, done.error());
  auto is_failed = [](const auto& i) { return i.state == "failed"; };
  auto failed = static_cast<std::size_t>(std::count_if(done->indexes.begin(), done->indexes.end(), is_failed));
  reply r;
  r.rows_name = "indexes";
  r.text = done->indexes.empty() ? fmt::format("`{}.{}` has no indexes.", database, table)
                                 : fmt::format("Checked {} of `{}.{}` against {}: {}.", done->indexes.size() == 1 ? "1 index" : fmt::format("{} indexes", done->indexes.size()),
                                               database, table, count(done->rows, "row"), checked_text(*done, failed));
  if (failed > 0) {
    auto summary = co_await s.engine.inspect_table(database, table, context);
    if (!summary) co_return explain(s, call, summary.error());
    for (const auto& index : summary->indexes)
      if (is_failed(index)) r.text += "\n" + failed_index_text(database, table, index, true);
    r.ok = false;
  }
  for (const auto& index : done->indexes) r.rows.push_back(as_row(index));
  co_return r;
}

}  // namespace dbcord::commands
