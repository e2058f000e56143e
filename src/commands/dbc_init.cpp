#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/unfinished_restore.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

actor::task<reply> begin_restoring(services s, invocation call, std::string database) {
  auto context = write_context_of(call);
  auto made = co_await s.engine.administration().begin_restore(database, std::move(context));
  if (!made) co_return explain(s, call, made.error());
  reply r;
  r.text = fmt::format("Database `{0}` is there to be restored into. Until `/dbc_init database:{1} restore:end` only commands for `{1}` are carried out in it; "
                       "`/dbc_database_drop database:{0}` ends that.", database, name_for_restore(database, made->id));
  co_return r;
}

actor::task<reply> end_restoring(services s, invocation call, std::string database) {
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().end_restore(database, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Database `{}` is whole.", database);
  co_return r;
}

}  // namespace

actor::task<reply> dbc_init(services s, invocation call) {
  auto database = text_argument(call, "database");
  if (auto bad = check_new_name("database", database)) co_return failure(*bad);
  auto restore = text_argument(call, "restore");
  if (restore == "begin") co_return co_await begin_restoring(s, std::move(call), std::move(database));
  if (restore == "end") co_return co_await end_restoring(s, std::move(call), std::move(database));
  if (has_argument(call, "restore")) co_return failure(fmt::format("restore: {} is neither begin nor end.", quote(restore)));
  auto context = write_context_of(call);
  auto made = co_await s.engine.create_database(database, std::move(context));
  if (!made) co_return explain(s, call, made.error());
  reply r;
  r.text = fmt::format("Database `{0}` is ready. Next: `/dbc_table_create database:{0} table:users pk:id`", database);
  co_return r;
}

}  // namespace dbcord::commands
