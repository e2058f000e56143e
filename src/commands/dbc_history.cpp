#include <fmt/format.h>

#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::commands {
namespace {

constexpr std::int64_t shown_by_default = 10;
// Which of them it was nobody knows any more: a checkpoint does not say it.
std::string gone_words(std::string_view besides) { return fmt::format("are behind the horizon of `/dbc_history_set`, {}or were given up when memory was short", besides); }
constexpr std::string_view purged = "were purged, ";

std::string line(const database::row_change& c) {
  auto text = fmt::format("- version {}, {}, LSN {}: {}", c.version, base::to_iso8601(c.when), c.lsn, c.deleted ? "deleted" : "written");
  if (!c.who.empty()) text += fmt::format(" by <@{}>", c.who);
  bool slash = c.command.find(' ') == std::string::npos;  // else the database's own words: deleted by hand
  if (!c.command.empty()) text += slash ? fmt::format(" with `/{}`", c.command) : fmt::format(" ({})", c.command);
  if (!c.lost.empty()) return text + "; ⚠️ " + c.lost;
  return c.location.message ? text + " " + c.location.url() : text;  // the record of a deletion may be truncated
}

actor::task<reply> show_in_thread(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto context = read_context_of(call);
  auto done = co_await s.engine.administration().show_in_thread(database, table, key, context);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("The versions of {} in `{}.{}` are in <#{}>", quote_key(key), database, table, done->thread.str());
  if (done->made) r.text += fmt::format(", a new thread with {}.", count(done->added, "version"));
  else if (done->added > 0) r.text += fmt::format("; {} added.", base::with_separators(done->added) + (done->added == 1 ? " was" : " were"));
  else if (done->left == 0) r.text += ", all of them already.";
  else r.text += ".";
  if (done->left > 0) r.text += fmt::format(" {} more: give the command again.", count(done->left, "version"));
  co_return r;
}

}  // namespace

actor::task<reply> dbc_history(services s, invocation call) {
  if (boolean_argument(call, "thread")) {
    if (has_argument(call, "limit")) co_return failure("limit: a thread gets every version; leave it out with `thread:true`.");
    co_return co_await show_in_thread(s, std::move(call));
  }
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  database::history_request request{text_argument(call, "key"), static_cast<std::size_t>(integer_argument(call, "limit", shown_by_default))};
  auto key = request.key;
  auto context = read_context_of(call);
  auto answer = co_await s.engine.history(database, table, std::move(request), context);
  if (!answer) co_return explain(s, call, answer.error());
  reply r;
  r.text = fmt::format("{} of {} in `{}.{}`{}, newest first{}.", count(answer->known, "version"), quote_key(key), database, table,
                       answer->complete ? std::string() : fmt::format(" (older ones {})", gone_words(purged)),
                       answer->changes.size() < answer->known ? " (more with `limit`)" : "");
  // What a purge leaves; the record that names the command is gone with it.
  bool only_deleted = answer->known == 1 && !answer->complete && answer->changes.size() == 1 && answer->changes.front().deleted;
  if (only_deleted && !answer->changes.front().command.empty()) {
    r.text = fmt::format("`{}.{}` has no row {}; of its history only the deletion is left (versions {}).",
                         database, table, quote_key(key), gone_words(purged));
  } else if (only_deleted) {
    r.text = fmt::format("`{}.{}` has no row {}, and all that is left of it is that it was deleted: it was purged, or its versions {}.", database, table,
                         quote_key(key), gone_words(""));
  }
  for (auto& change : answer->changes) {
    r.captions.push_back(line(change));
    r.rows.push_back(std::move(change.json));  // of a deletion: nothing
  }
  r.rows_name = table;
  co_return r;
}

}  // namespace dbcord::commands
