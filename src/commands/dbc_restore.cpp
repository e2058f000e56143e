#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_restore(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto snapshot = text_argument(call, "snapshot");
  auto table = text_argument(call, "table");
  if (!table.empty()) {
    if (auto bad = check_new_name("table", table)) co_return failure(*bad);
  }
  auto slash = snapshot.rfind('/');  // of a link
  auto message = base::parse_id<base::message_id>(slash == snapshot.npos ? snapshot : snapshot.substr(slash + 1));
  if (!message) co_return failure(fmt::format("snapshot: {} is neither the link nor the id of a message.", quote(snapshot)));
  auto context = write_context_of(call);
  auto done = co_await s.engine.restore(database, *message, table, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Table `{}` of `{}` is there, with {} of a snapshot of `{}`.", done->table, database, count(done->rows, "row"),
                       done->taken_from);
  co_return r;
}

}  // namespace dbcord::commands
