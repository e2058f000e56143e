#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_table_create(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto pk = text_argument(call, "pk");
  if (auto bad = check_new_name("table", table)) co_return failure(*bad);
  if (auto bad = check_field_name("pk", pk)) co_return failure(*bad);
  auto context = write_context_of(call);
  auto made = co_await s.engine.create_table(database, table, pk, std::move(context));
  if (!made) co_return explain(s, call, made.error());
  reply r;
  r.text = fmt::format("Table `{0}` is ready in `{1}`: its channel is <#{2}>, its rows are told apart by {3}. Next: "
                       "`/dbc_insert database:{1} table:{0} value_json:{{…}}`",
                       table, database, made->channel.str(), quote(pk));
  co_return r;
}

}  // namespace dbcord::commands
