#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_init(services s, invocation call) {
  auto database = text_argument(call, "database");
  if (auto bad = check_new_name("database", database)) co_return failure(*bad);
  auto context = write_context_of(call);
  auto made = co_await s.engine.create_database(database, std::move(context));
  if (!made) co_return explain(s, call, made.error());
  reply r;
  r.text = fmt::format("Database `{0}` is ready. Next: `/dbc_table_create database:{0} table:users pk:id`", database);
  co_return r;
}

}  // namespace dbcord::commands
