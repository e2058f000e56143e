#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_delete(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto context = write_context_of(call);
  auto done = co_await s.engine.remove(database, table, key, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Deleted {} from `{}.{}`{}. {}", quote_key(key), database, table,
                       done->repeated ? " (by an earlier delivery of this command)" : "", done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
