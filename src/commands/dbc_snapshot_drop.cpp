#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_argument.hpp"
#include "commands/snapshot_summary.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

actor::task<reply> ask_before_snapshot_drop(services s, invocation call, base::message_id snapshot) {
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto kept = co_await s.engine.administration().snapshots(database, context);
  if (!kept) co_return explain(s, call, kept.error());
  auto found = std::find_if(kept->begin(), kept->end(), [snapshot](const database::kept_snapshot& k) { return k.location.message == snapshot; });
  if (found == kept->end()) co_return failure(fmt::format("snapshot: {} has no snapshot {}; `/dbc_snapshot_list` shows those that are there.", quote(database), snapshot.str()));
  auto id = snapshot.str();
  reply r;
  r.text = fmt::format("Delete this snapshot? It cannot be undone. To do it press the button, or give the command with `confirm:{}`.\n- {}", id, listed_sentence(*found));
  prepared_command drop{"dbc_snapshot_drop", {{"database", database}, {"snapshot", id}, {"confirm", id}}};
  r.buttons.push_back({"Delete the snapshot", std::move(drop), button_style::danger});
  co_return r;
}

}  // namespace

actor::task<reply> dbc_snapshot_drop(services s, invocation call) {
  auto message = snapshot_argument(call);
  if (!message) co_return failure(message.error().message);
  auto confirm = text_argument(call, "confirm");
  if (confirm.empty()) co_return co_await ask_before_snapshot_drop(s, std::move(call), *message);
  if (confirm != message->str()) co_return failure(fmt::format("confirm: {} is not the snapshot's id {}; nothing was deleted.", quote(confirm), message->str()));
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto done = co_await s.engine.administration().drop_snapshot(database, *message, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("The snapshot {} of `{}` is deleted ({}).", message->str(), database, count(*done, "message"));
  co_return r;
}

}  // namespace dbcord::commands
