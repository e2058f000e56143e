#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/moment_argument.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

actor::task<base::result<database::row>> read(services s, invocation call, std::optional<database::moment> when) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto context = read_context_of(call);
  if (when) co_return co_await s.engine.get_as_of(database, table, key, *when, context);
  co_return co_await s.engine.get(database, table, key, context);
}

}  // namespace

actor::task<reply> dbc_get(services s, invocation call) {
  auto when = as_of_argument(call, s.env.clock.wall_now());
  if (!when) co_return failure(when.error().message);
  auto found = co_await read(s, call, *when);
  if (!found) co_return explain(s, call, found.error());
  reply r;
  r.text = fmt::format("{} in `{}.{}`{}, version {}. {}", quote_key(found->key), text_argument(call, "database"), text_argument(call, "table"),
                       *when ? " as of " + quote(text_argument(call, "as_of")) : "", found->version, found->location.url());
  if (!*when) {
    prepared_command edit{"dbc_edit", {{"database", text_argument(call, "database")}, {"table", text_argument(call, "table")}, {"key", found->key}}, false};
    r.buttons.push_back({"Edit", std::move(edit)});
  }
  r.rows.push_back(std::move(found->json));
  r.rows_name = text_argument(call, "table");
  co_return r;
}

}  // namespace dbcord::commands
