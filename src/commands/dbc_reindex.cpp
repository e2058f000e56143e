#include <fmt/format.h>

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
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

}  // namespace

actor::task<reply> dbc_reindex(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto done = co_await s.engine.reindex(database, table, context);
  if (!done) co_return explain(s, call, done.error());
  auto wrong = static_cast<std::uint64_t>(std::count_if(done->indexes.begin(), done->indexes.end(), [](const auto& i) { return i.was_damaged; }));
  reply r;
  r.rows_name = "indexes";
  r.text = done->indexes.empty() ? fmt::format("`{}.{}` has no indexes.", database, table)
                                 : fmt::format("Checked {} of `{}.{}` against {}: {}.", done->indexes.size() == 1 ? "1 index" : fmt::format("{} indexes", done->indexes.size()),
                                               database, table, count(done->rows, "row"),
                                               wrong == 0 ? std::string("all right") : fmt::format("{} wrong, built anew", wrong));
  for (const auto& index : done->indexes) r.rows.push_back(as_row(index));
  co_return r;
}

}  // namespace dbcord::commands
