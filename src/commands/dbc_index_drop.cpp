#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/index_refusal.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_index_drop(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto field = text_argument(call, "field");
  auto context = write_context_of(call);
  auto done = co_await s.engine.drop_index(database, table, field, std::move(context));
  if (!done) co_return co_await explain_index_refusal(s, std::move(call), done.error());
  reply r;
  r.text = fmt::format("The index on {} of `{}.{}` is gone; its rows are as they were. {}", quote_key(field), database, table,
                       done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
