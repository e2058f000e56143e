#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_history_set(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto versions = static_cast<std::uint64_t>(integer_argument(call, "versions", 0));
  auto days = static_cast<std::uint64_t>(integer_argument(call, "days", 0));
  auto context = write_context_of(call);
  auto done = co_await s.engine.set_history(database, table, versions, days, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` now keeps up to {} of each row, for {}. {}", database, table, count(versions, "older version"), count(days, "day"),
                       done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
