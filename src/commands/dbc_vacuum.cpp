#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/garbage_text.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::commands {
namespace {

// For a channel full of messages that are too old to be deleted in bulk.
actor::task<reply> vacuum_fully(services s, invocation call, std::string database, std::string table) {
  if (table.empty()) co_return failure("table: say which table full:true is for; it writes one table anew.");
  if (boolean_argument(call, "scan")) co_return failure("scan: full:true leaves every message behind that no row lives in; give one of the two.");
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().move_table(database, table, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.ok = !done->stopped;
  auto moved = fmt::format("{} and {}", count(done->rows, "row"), count(done->versions, "older version"));
  if (!done->from) {
    r.text = fmt::format("`{}.{}` was written anew before; it lies in <#{}>.", database, table, done->to.str());
  } else if (done->stopped) {
    r.text = fmt::format("`{}.{}` goes on in <#{}>; {} written there so far. What is left stays readable in <#{}>; give the command again later: {}", database,
                         table, done->to.str(), moved, done->from.str(), with_full_stop(*done->stopped));
  } else {
    r.text = fmt::format("`{}.{}` lies in <#{}> now: {} written anew; its old channel is deleted, with any threads of rows in it.", database, table, done->to.str(), moved);
    if (done->waiting > 0) r.text += fmt::format(" {} still to get a message there.", count(done->waiting, "row") + (done->waiting == 1 ? " has" : " have"));
  }
  if (done->lost > 0) {
    r.text += fmt::format(" {} lost, so {} no message there: `/dbc_verify` says which and what can be done.", values_are(done->lost), done->lost == 1 ? "it has" : "they have");
  }
  co_return r;
}

}  // namespace

actor::task<reply> dbc_vacuum(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  bool scan = boolean_argument(call, "scan");
  if (boolean_argument(call, "full")) co_return co_await vacuum_fully(s, std::move(call), std::move(database), std::move(table));
  auto context = read_context_of(call);
  auto done = co_await s.engine.storage().vacuum(database, table, scan, context);
  if (!done) co_return explain(s, call, done.error());
  auto where = table.empty() ? database : database + "." + table;
  reply r;
  r.ok = !done->stopped;
  auto parts = count(done->snapshot_parts_removed, "part") + " of snapshots that were never finished";
  bool only_parts = done->found == 0 && done->snapshot_parts_removed > 0;
  r.text = only_parts         ? fmt::format("`{}`: {} removed.", where, parts)
           : done->found == 0 ? fmt::format("`{}`: nothing to remove.", where)
                              : fmt::format("`{}`: {} removed.", where, done->removed == 0 ? "nothing" : garbage_text(done->kinds));
  if (!only_parts && done->snapshot_parts_removed > 0) r.text += fmt::format(" {} removed.", parts);
  if (!done->snapshots.empty()) r.text += fmt::format(" Parts of snapshots that were never finished may be left: {}", with_full_stop(done->snapshots));
  if (done->pages_rewritten > 0) {
    r.text += fmt::format(" {} of which little is left: their {} are being written elsewhere; the next `/dbc_vacuum` removes them.",
                          count(done->pages_rewritten, "page"), count(done->rows_moved, "row"));
  }
  if (done->versions_written > 0) {
    r.text += fmt::format(" {}, which only the log had, got places of their own, so that its old channels can go.", count(done->versions_written, "older version"));
  }
  if (!done->log.empty()) r.text += fmt::format(" Old channels of the log stay for now: {}", with_full_stop(done->log));
  if (scan) r.text += fmt::format(" {} looked at.", count(done->scanned, "message"));
  if (done->stopped) {
    r.text += fmt::format(" {} still to be removed; give the command again later: {}", count(done->found - done->removed, "message"), with_full_stop(*done->stopped));
  }
  co_return r;
}

}  // namespace dbcord::commands
