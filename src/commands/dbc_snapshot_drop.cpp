#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_argument.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_snapshot_drop(services s, invocation call) {
  auto message = snapshot_argument(call);
  if (!message) co_return failure(message.error().message);
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto done = co_await s.engine.administration().drop_snapshot(database, *message, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("The snapshot {} of `{}` is deleted ({}).", message->str(), database, count(*done, "message"));
  co_return r;
}

}  // namespace dbcord::commands
