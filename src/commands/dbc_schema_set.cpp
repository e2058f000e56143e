#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_schema_set(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto schema = co_await text_or_file(s, call, "schema_json");
  if (!schema) co_return failure(schema.error().message);
  auto force = boolean_argument(call, "force");
  auto context = write_context_of(call);
  auto done = co_await s.engine.set_schema(database, table, std::move(schema->text), force, std::move(context));
  if (!done) co_return explain_given(s, call, done.error(), "schema_json", schema->name);
  reply r;
  r.text = fmt::format("The schema of `{}.{}` is set{}; rows written from now on must fit it. {}", database, table,
                       force ? " (rows present were not checked)" : ", and every row present fits", done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
