#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_schema_get(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary) co_return explain(s, call, summary.error());
  reply r;
  if (summary->schema_json == "{}") {
    r.text = fmt::format("`{}.{}` has no schema: every JSON object with the field {} is a row. Set one with `/dbc_schema_set`.", database, table,
                         quote_key(summary->primary_key));
    co_return r;
  }
  r.text = fmt::format("The schema of `{}.{}`:", database, table);
  r.rows_name = "schema";
  r.rows.push_back(summary->schema_json);
  co_return r;
}

}  // namespace dbcord::commands
