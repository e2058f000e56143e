#include <fmt/format.h>

#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/confirmation.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "database/errors.hpp"
#include "database/row_input.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::commands {
namespace {

constexpr std::uint64_t page_of_listing = 100, part_of_checkpoint = 8 * 1024 * 1024;

// About; without those that look through snapshots. The table's channel is read, two checkpoints are written, the log begins a new channel, the others go.
std::uint64_t requests_of_purge(const database::database_summary& d, const database::table_summary& t) {
  auto messages = t.own_messages + t.pages + t.superseded;
  auto checkpoint = 1 + d.checkpoint_bytes / part_of_checkpoint;
  return messages / page_of_listing + 1 + t.pages + 2 * (checkpoint + 1) + 3 + d.log_segments;
}

// Behind the first few Discord takes about one request a second of a kind in a channel.
actor::task<std::string> cost_text(services s, std::string database, database::table_summary table, database::read_context context) {
  auto summary = co_await s.engine.inspect(std::move(database), context);
  if (!summary) co_return std::string();
  auto requests = requests_of_purge(*summary, table);
  co_return fmt::format(" It takes about {}, which is about {} s, beside those that look through the snapshots.", count(requests, "request"),
                        base::with_separators(requests));
}

// Of a key that no row has now.
actor::task<std::string> gone_text(services s, std::string database, std::string table, std::string key, database::read_context context) {
  database::history_request newest;
  newest.key = std::move(key);
  newest.limit = 1;
  auto history = co_await s.engine.history(std::move(database), std::move(table), std::move(newest), context);
  bool nothing = !history && history.error().code == database::errc::unknown_key;
  // What a purge leaves: that there was a row, without a value.
  if (history && history->known <= 1) nothing = history->changes.empty() || history->changes.front().deleted;
  if (!nothing) co_return std::string("\nThere is no such row now; what is left of an earlier one is erased.");
  co_return std::string("\nThere is no such row now, and no older version of one is known: it may have been erased before, or the key is another one. Pressing the button "
                        "looks for it everywhere and writes log and checkpoints anew all the same.");
}

actor::task<reply> ask_first(services s, invocation call, std::string database, std::string table, std::string key) {
  auto context = read_context_of(call);
  auto present = co_await s.engine.get(database, table, key, context);
  bool gone = !present && present.error().code == database::errc::unknown_key;  // its history may still be there
  if (!present && !gone) co_return explain(s, call, present.error());
  auto asked_about = co_await s.engine.inspect_table(database, table, context);
  if (!asked_about) co_return explain(s, call, asked_about.error());
  reply r;
  r.text = fmt::format("Erase row {} of `{}.{}` from everywhere: its message and its history, the log, the checkpoints, the channels of indexes, and every snapshot "
                       "that holds it (the whole snapshot)? It cannot be undone. What stays: replies that have shown the row, exported and backed-up files, and "
                       "copies in other tables and databases. To do it press the button, or give the command with {}.",
                       quote_key(key), database, table, typed_argument("confirm", key));
  auto confirm = confirmation_of_row({asked_about->id, gone ? 0 : present->lsn});
  prepared_command purge{"dbc_purge", {{"database", database}, {"table", table}, {"key", key}, {"confirm", std::move(confirm)}}};
  r.buttons.push_back({"Erase it for good", std::move(purge), button_style::danger});
  if (gone) {
    auto told = co_await gone_text(s, database, table, key, context);
    r.text += told;
  }
  auto cost = co_await cost_text(s, database, std::move(*asked_about), context);
  r.text += cost;
  co_return r;
}

bool all_done(const database::purge_report& p) {
  return p.checkpoints.empty() && p.log.empty() && p.messages.empty() && p.threads.empty() && p.index_channels.empty() && p.snapshots.empty();
}

bool found_nothing(const database::purge_report& p) { return !p.row && all_done(p) && p.messages_removed + p.threads_removed + p.snapshots_removed == 0; }

// Of a key that the table holds nothing of: perhaps the purge was given before, perhaps the key is mistyped.
std::string nothing_held(const database::purge_report& p, const std::string& database, const std::string& table, const std::string& key) {
  if (found_nothing(p))
    return fmt::format("Nothing of row {} was found in `{}.{}`: no row, history, message, thread or snapshot, so nothing was erased. It may have been before, or the key is "
                       "another one. Log and checkpoints were written anew all the same, and hold nothing of it.", quote_key(key), database, table);
  auto told = fmt::format("`{}.{}` has no row {} and no history of it; ", database, table, quote_key(key));
  return told + (all_done(p) ? "what was left of it elsewhere is erased:" : "what may be left of it elsewhere:");
}

void add_line(reply& r, std::string_view where, std::string done, const std::string& trouble) {
  if (trouble.empty()) {
    r.text += fmt::format("\n- {}: {}", where, done);
    return;
  }
  r.ok = false;
  r.text += fmt::format("\n- {}: not yet: {}", where, trouble);
}

}  // namespace

actor::task<reply> dbc_purge(services s, invocation call) {
  auto name = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto key = text_argument(call, "key");
  auto confirm = text_argument(call, "confirm");
  auto usable = database::check_key(key);
  if (!usable) co_return explain(s, call, usable.error());
  if (confirm.empty()) co_return co_await ask_first(s, std::move(call), std::move(name), std::move(table), std::move(key));
  auto asked_about = confirm == key ? std::nullopt : row_confirmed(confirm);
  if (!asked_about && confirm != key) {
    co_return failure(fmt::format("confirm: {} is not the row's key {}; nothing was erased.", quote_key(confirm, 80), quote_key(key)));
  }
  auto context = write_context_of(call);
  if (asked_about) {
    context.expected_id = std::move(asked_about->table_id);
    context.expected_lsn = asked_about->lsn;
  }
  auto done = co_await s.engine.storage().purge(name, table, key, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  if (!done->row) {
    r.text = nothing_held(*done, name, table, key);
    if (found_nothing(*done)) co_return r;
  } else if (all_done(*done)) {
    r.text = fmt::format("Erased row {} of `{}.{}` (log record {}).", quote_key(key), name, table, done->lsn);
  } else {
    r.text = fmt::format("Row {} and its history are gone from `{}.{}` (log record {}), but not yet from everywhere:", quote_key(key), name, table, done->lsn);
  }
  add_line(r, "checkpoints", "none holds anything of it but its key, which says that it was erased, until its table forgets such old versions", done->checkpoints);
  add_line(r, "log", "the channels that held it are deleted; the records of this command name its key", done->log);
  add_line(r, "messages", count(done->messages_removed, "message") + " deleted", done->messages);
  add_line(r, "thread", done->threads_removed == 0 ? "it has none" : count(done->threads_removed, "thread") + " deleted", done->threads);
  add_line(r, "channels of indexes", done->index_channels_written == 0 ? "there are none" : count(done->index_channels_written, "channel") + " written anew",
           done->index_channels);
  auto of_snapshots = done->snapshots_removed == 0 ? fmt::format("none of {} held it", done->snapshots_looked_at)
                                                   : fmt::format("{} of {} held it and {} deleted", done->snapshots_removed, done->snapshots_looked_at,
                                                                 done->snapshots_removed == 1 ? "is" : "are");
  add_line(r, "snapshots", done->snapshots_looked_at == 0 ? "there are none" : of_snapshots, done->snapshots);
  if (!r.ok && done->cancelled) r.text += "\nIt was cancelled: what is erased stays erased; give the command again to go on with what is not done.";
  if (!r.ok && !done->cancelled) r.text += "\nGive the command again later to go on with what is not done.";
  co_return r;
}

}  // namespace dbcord::commands
