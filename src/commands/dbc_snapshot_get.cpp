#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_argument.hpp"
#include "commands/snapshot_summary.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_snapshot_get(services s, invocation call) {
  auto message = snapshot_argument(call);
  if (!message) co_return failure(message.error().message);
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto part = co_await s.engine.administration().read_snapshot_part(database, *message, context);
  if (!part) co_return explain(s, call, part.error());
  reply r;
  r.text = part_sentence(*part);
  if (part->previous) {
    prepared_command before{"dbc_snapshot_get", {{"database", database}, {"snapshot", part->previous.str()}}, false};
    r.buttons.push_back({"◀ Part before", std::move(before)});
  }
  r.files.push_back({std::move(part->file_name), std::move(part->bytes)});
  co_return r;
}

}  // namespace dbcord::commands
