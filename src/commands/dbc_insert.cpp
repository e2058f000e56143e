#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_insert(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  database::new_row value;
  value.key = text_argument(call, "key");
  auto row = co_await text_or_file(s, call, "value_json");
  if (!row) co_return failure(row.error().message);
  value.json = std::move(row->text);
  auto context = write_context_of(call);
  auto given = value.key;
  auto done = co_await s.engine.insert(database, table, std::move(value), std::move(context));
  if (!done) co_return explain_given(s, call, done.error(), "value_json", row->name);
  reply r;
  const auto& key = done->key.empty() ? given : done->key;
  r.text = fmt::format("Inserted {} into `{}.{}`{}. {}", key.empty() ? "the row" : quote_key(key), database, table,
                       done->repeated ? " (by an earlier delivery of this command)" : "", done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
