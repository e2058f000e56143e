#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_summary.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

actor::task<reply> keep_database(services s, invocation call, std::string database) {
  auto context = read_context_of(call);
  auto done = co_await s.engine.administration().snapshot_database(database, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("{} Get them back with `/dbc_restore database:{} snapshot:{} as:NEW-NAME`. {}", snapshot_sentence(*done, database), database,
                       done->location.message.str(), done->location.url());
  co_return r;
}

}  // namespace

actor::task<reply> dbc_snapshot(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  if (table.empty()) co_return co_await keep_database(s, std::move(call), std::move(database));
  auto context = read_context_of(call);
  auto done = co_await s.engine.snapshot(database, table, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Kept {} of `{}.{}`, as {} at LSN {} ({}, {}). Get them back with `/dbc_restore database:{} snapshot:{}`. {}", count(done->rows, "row"),
                       database, table, done->rows == 1 ? "it was" : "they were", done->lsn, count(done->bytes, "byte"), count(done->parts, "part"), database, done->location.message.str(),
                       done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
