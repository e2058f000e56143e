#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_index_create(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto field = text_argument(call, "field");
  auto unique = boolean_argument(call, "unique");
  auto context = write_context_of(call);
  auto done = co_await s.engine.create_index(database, table, field, unique, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` has {} index on {} now. {}", database, table, unique ? "a unique" : "an", quote(field), done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
