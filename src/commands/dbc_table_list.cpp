#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

std::string listed_row(const database::table_summary& t) {
  boost::json::array indexes;
  for (const auto& index : t.indexes) {
    boost::json::object listed{{"field", index.field}, {"unique", index.unique}, {"entries", index.entries}};
    if (index.state != "ready") listed["state"] = index.state;
    if (!index.why.empty()) listed["why"] = index.why;
    indexes.push_back(std::move(listed));
  }
  boost::json::object row;
  row["table"] = t.name;
  row["primary_key"] = t.primary_key;
  row["rows"] = t.rows;
  row["schema"] = t.schema_json != "{}";
  row["indexes"] = std::move(indexes);
  if (t.moving_from) row["moving_from"] = t.moving_from.str();
  if (!t.altering.empty()) row["altering"] = t.altering;
  return boost::json::serialize(row);
}

}  // namespace

actor::task<reply> dbc_table_list(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(database, context);
  if (!summary) co_return explain(s, call, summary.error());
  reply r;
  r.rows_name = "tables";
  r.text = summary->tables.empty() ? fmt::format("`{}` has no tables yet. Make one with `/dbc_table_create`.", database)
                                   : fmt::format("`{}` has {}:", database, count(summary->tables.size(), "table"));
  for (const auto& t : summary->tables) r.rows.push_back(listed_row(t));
  co_return r;
}

}  // namespace dbcord::commands
