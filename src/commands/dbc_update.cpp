#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_update(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto patch = co_await text_or_file(s, call, "patch_json");
  if (!patch) co_return failure(patch.error().message);
  auto context = write_context_of(call);
  auto done = co_await s.engine.update(database, table, key, std::move(patch->text), std::move(context));
  if (!done) co_return explain_given(s, call, done.error(), "patch_json", patch->name);
  reply r;
  r.text = fmt::format("Updated {} in `{}.{}`, now version {}{}. {}", quote_key(key), database, table, done->version,
                       done->repeated ? " (by an earlier delivery of this command)" : "", done->location.url());
  // The row as this update left it; somebody else's newer version would be a wrong answer, so it is left out. The version alone does
  // not tell (a row that was deleted and inserted anew counts from 1 again), nor does the LSN (a group may hold several versions).
  auto read = read_context_of(call);
  auto now = co_await s.engine.get(database, table, key, read);
  if (now && now->version == done->version && now->lsn == done->lsn) {
    r.rows.push_back(std::move(now->json));
    r.rows_name = table;
  }
  co_return r;
}

}  // namespace dbcord::commands
