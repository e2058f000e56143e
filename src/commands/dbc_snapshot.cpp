#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_snapshot(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto done = co_await s.engine.snapshot(database, table, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Kept {} of `{}.{}` ({}, {}). Get them back with `/dbc_restore database:{} snapshot:{}`. {}", count(done->rows, "row"), database,
                       table, count(done->bytes, "byte"), count(done->parts, "part"), database, done->location.message.str(),
                       done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
