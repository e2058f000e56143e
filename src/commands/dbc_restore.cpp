#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/index_channel_text.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_argument.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

// As for /dbc_init, which Discord checks by itself.
bool may_make_databases(const invocation& call) {
  auto enough = static_cast<std::uint64_t>(permission::manage_guild) | static_cast<std::uint64_t>(permission::administrator);
  return (call.permissions & enough) != 0;
}

std::string lines_of(const std::vector<std::string>& without_channel) {
  std::string text;
  for (const auto& why : without_channel) text += "\n" + without_channel_text(why);
  return text;
}

actor::task<reply> restore_database(services s, invocation call, base::message_id snapshot) {
  auto database = text_argument(call, "database"), as = text_argument(call, "as");
  if (auto bad = check_new_name("as", as)) co_return failure(*bad);
  if (has_argument(call, "table")) co_return failure("table: with as, a whole database is restored; leave one of them out.");
  if (!may_make_databases(call)) co_return failure("You need the permission Manage Server to make a database; nothing was done.");
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().restore_database(database, snapshot, as, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Database `{}` is there, with {} of {} of a snapshot of `{}` at LSN {}.", done->database, count(done->rows, "row"),
                       count(done->tables, "table"), done->taken_from, done->lsn);
  if (s.engine.access(done->database).json() != s.engine.access(database).json()) {
    r.text += fmt::format("\nWho may read, write and administer it is as the snapshot says, not as of `{}` now: see `/dbc_access database:{}`.", database, done->database);
  }
  r.text += lines_of(done->without_channel);
  co_return r;
}

}  // namespace

actor::task<reply> dbc_restore(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  if (!table.empty()) {
    if (auto bad = check_new_name("table", table)) co_return failure(*bad);
  }
  auto message = snapshot_argument(call);
  if (!message) co_return failure(message.error().message);
  if (has_argument(call, "as")) co_return co_await restore_database(s, std::move(call), *message);
  auto context = write_context_of(call);
  auto done = co_await s.engine.restore(database, *message, table, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Table `{}` of `{}` is there, with {} of a snapshot of `{}`.", done->table, database, count(done->rows, "row"),
                       done->taken_from);
  r.text += lines_of(done->without_channel);
  co_return r;
}

}  // namespace dbcord::commands
