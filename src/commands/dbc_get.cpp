#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_get(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto context = read_context_of(call);
  auto found = co_await s.engine.get(database, table, key, context);
  if (!found) co_return explain(s, call, found.error());
  reply r;
  r.text = fmt::format("{} in `{}.{}`, version {}. {}", quote(found->key), database, table, found->version,
                       found->location.url());
  r.rows.push_back(std::move(found->json));
  r.rows_name = table;
  co_return r;
}

}  // namespace dbcord::commands
