// Purge: a row erased from everywhere that this guild keeps it. In the order in which nothing can bring it back: the row and its history, then the
// checkpoints and the log (a roll and two checkpoints behind the deletion leave nothing that needs the records before), then its thread and its
// messages (what shares a page with it is written elsewhere before), then the channels of indexes, then the snapshots
// that hold it. Interrupted or cancelled anywhere it goes on when the command is given again.

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/adoption_wait.hpp"
#include "database/channel_pages.hpp"
#include "database/database_writes.hpp"
#include "database/message_removal.hpp"
#include "database/page_reader.hpp"
#include "database/snapshot_erasure.hpp"
#include "database/table_drain.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration purge_poll = 500ms;
constexpr std::uint64_t purge_steps = 6;  // the row, the log with the checkpoints, the thread, the messages, the channels of indexes, the snapshots
constexpr std::string_view cancelled_before = "it was cancelled before this was begun";
constexpr std::string_view cancelled_meanwhile = "it was cancelled";

struct row_traces {
  std::vector<base::message_id> own;  // messages of its own, and what Discord tells of its thread
  std::set<base::message_id> pages;   // that hold it, or may: damaged ones
};

// Reads the whole channel, so that copies that a lost answer has left are found too. Versions of LSNs behind `lsn` are those of a new row.
dbcord::actor::task<base::result<row_traces>> find_traces(message_store& store, base::channel_id channel, table_ptr table, std::string key, std::uint64_t lsn,
                                                          call_options options, work_progress_ptr progress) {
  row_traces found;
  const auto& definition = table->definition();
  auto thread = protocol::row_thread_tag(definition.table, key);
  channel_pages listing(store, channel);
  listing.allow_emptied();
  for (;;) {
    if (is_cancelled(progress)) co_return base::error(base::errc::stopping, std::string(cancelled_meanwhile));
    auto messages = co_await listing.next(options);
    if (!messages) co_return messages.error();
    if (messages->empty()) co_return found;
    for (const auto& m : *messages) {
      if (m.author != store.self()) continue;
      auto header = protocol::decode_row(m.content);
      bool is_it = header && header->table == definition.table && header->key == key && header->lsn <= lsn;
      if (is_it || protocol::tag_of_thread_name(m.content) == thread) found.own.push_back(m.id);
      auto page = protocol::decode_page(m.content);
      if (!page || page->table != definition.table) continue;
      auto read = co_await read_page(store, m, *page, options);
      if (!read) co_return read.error();
      auto holds_it = [&](const page_place& row) { return row.key == key && row.lsn <= lsn; };
      if (!read->damaged.empty() || std::any_of(read->rows.begin(), read->rows.end(), holds_it)) found.pages.insert(m.id);
    }
  }
}

// The table held the row or a version of it. `written` is the deletion, whose number tells whether anything was written behind what was seen before.
bool held_it(const table_actor::versions& before, const write_receipt& written) {
  auto is_value = [](const past_version& v) { return !v.deleted; };
  auto newest = before.live ? before.live->version : before.past.empty() ? 0 : before.past.back().version;
  return before.live || written.version > newest + 1 || std::any_of(before.past.begin(), before.past.end(), is_value);
}

}  // namespace

dbcord::actor::task<base::result<purge_report>> database::purge(std::string table, std::string key, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto same = (*target)->check_identity(context, "erased");
  if (!same) co_return co_await confirm_refusal(same.error(), context.deadline);
  auto usable = check_key(key);
  if (!usable) co_return usable.error();
  set_total(context.progress, purge_steps);
  if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the purge was cancelled before it erased anything");
  // What is not adopted yet counts as nobody's, and what lies nowhere else would be erased with it.
  co_await await_adoption(env(), *target, stopping_, context.deadline);
  if (!(*target)->knows_all_messages()) co_return (*target)->still_adopting();
  struct under_way {
    std::atomic<int>& count;
    explicit under_way(std::atomic<int>& c) : count(c) { ++count; }
    ~under_way() { --count; }
  } purging(purges_);
  purge_report report;
  report.lsn = report.newest_version = log_.status().lsn.load();  // of a key that the table does not know: a row written from now on is another one
  auto before = co_await (*target)->versions_of(key, context.deadline);
  if (!before) co_return before.error();
  auto start = [&](write_context c) { return (*target)->purge(key, std::move(c)); };
  auto writing = write_once(start, context);
  auto erased = co_await std::move(writing);
  if (!erased && erased.error().code != errc::unknown_key) co_return erased.error();
  report.row = erased && held_it(*before, *erased);
  if (erased) {
    report.lsn = erased->lsn;
    report.newest_version = erased->lsn - 1;  // in the deletion's own record stands at most the beginning of a new row
  }
  values_.forget_records();
  auto begins = [&](std::string& trouble) {  // the next step
    add_done(context.progress, 1);
    report.cancelled = is_cancelled(context.progress);
    if (report.cancelled) trouble = cancelled_before;
    return !report.cancelled;
  };
  if (begins(report.log)) co_await erase_from_log(report, context);
  else report.checkpoints = report.log;
  values_.forget_records();  // read meanwhile
  if (begins(report.threads)) co_await erase_thread(report, *target, key, context.deadline);
  if (begins(report.messages) && report.messages.empty()) co_await erase_messages(report, *target, key, context);
  if (begins(report.index_channels)) co_await erase_from_index_channels(report, *target, context.deadline);
  if (begins(report.snapshots)) co_await erase_from_snapshots(report, table, key, context);
  add_done(context.progress, 1);
  report.cancelled = is_cancelled(context.progress);
  co_return report;
}

dbcord::actor::task<void> database::erase_from_log(purge_report& report, const write_context& context) {
  auto half = env().now() + (context.deadline - env().now()) / 2;
  emptied_log emptied;
  do {
    co_await await_log_emptied(half);  // what began before may hold the row
    emptied = co_await empty_log(all_tables(), report.lsn + 1, when_stopping(), half);  // if it is not, that shows below
  } while (emptied.busy && env().now() + purge_poll < half && !stopping_);
  if (emptied.busy) {  // by another purge, whose page may hold this row, too, and comes behind what would be removed now
    report.checkpoints = report.log = report.messages = "another purge is writing older versions out of the log; give the command again behind it";
    co_return;
  }
  auto renewed = co_await checkpointer_.renew(true, context.deadline);
  if (!renewed) {
    report.checkpoints = report.log = renewed.error().message;
    co_return;
  }
  auto first = log_.segments().first_lsn();
  if (first <= report.lsn) {
    report.log = "its records stay, since other rows or older versions of them live nowhere else yet:";
    for (const auto& t : all_tables()) {
      auto oldest = co_await t->oldest_log_only();
      if (oldest && *oldest <= report.lsn) report.log += fmt::format(" table {} needs log record {};", t->definition().name, *oldest);
    }
    if (!emptied.trouble.empty()) report.log += fmt::format(" writing older versions elsewhere failed ({});", emptied.trouble);
    report.log += " they go with the first checkpoint after those are written, or behind the horizon of the history (`/dbc_history_set`)";
    co_return;
  }
  for (auto gone = dropped_channels(); !gone.empty(); gone = dropped_channels()) {
    if (env().now() + purge_poll >= context.deadline || stopping_ || is_cancelled(context.progress)) {
      report.log = "the channels of its records are still being deleted, which goes on by itself";
      co_return;
    }
    co_await dbcord::actor::sleep_for(env(), purge_poll);
  }
}

// Within its turn: whoever has read the row before has ended then, and whoever comes behind finds nothing of it.
dbcord::actor::task<void> database::erase_thread(purge_report& report, table_ptr table, std::string key, base::steady_time deadline) {
  auto tag = protocol::row_thread_tag(table->definition().table, key);
  auto turn = co_await threads_.turn(tag);
  call_options options{priority::maintenance, deadline};
  auto channels = table->channels().all();
  for (auto channel : channels) {
    auto erased = co_await threads_.erase(channel, tag, options);
    if (erased) report.threads_removed += *erased;
    else if (!table->has_left(channel, erased.error())) report.threads = erased.error().message;
  }
}

dbcord::actor::task<void> database::erase_messages(purge_report& report, table_ptr table, std::string key, const write_context& context) {
  auto channels = table->channels().all();
  for (auto channel : channels) co_await erase_messages_in(channel, report, table, key, context);
}

dbcord::actor::task<void> database::erase_messages_in(base::channel_id channel, purge_report& report, table_ptr table, std::string key,
                                                      const write_context& context) {
  call_options options{priority::maintenance, context.deadline};
  auto found = co_await find_traces(store_, channel, table, std::move(key), report.newest_version, options, context.progress);
  if (!found && table->has_left(channel, found.error())) co_return;
  if (!found) {
    report.messages = found.error().message;
    co_return;
  }
  auto gone = std::move(found->own);
  auto emptied = co_await empty_pages(table, std::move(found->pages), report, context.deadline);
  gone.insert(gone.end(), emptied.begin(), emptied.end());
  auto forget = [table, &report](std::vector<base::message_id> removed) {
    report.messages_removed += removed.size();
    return table->forget_garbage(std::move(removed));
  };
  removal_context removal{env(), store_, log_, context.deadline};
  auto removing = remove_messages(removal, channel, std::move(gone), forget);
  auto done = co_await std::move(removing);
  if (!done) report.messages = done.error().message;
}

// What else lies there is written elsewhere first, older versions too: their records in the log may be gone already. Both kept checkpoints know where they
// are before a page goes. What cannot be read any more goes with its page, which may hold the row; what Discord does not store elsewhere keeps it.
dbcord::actor::task<std::set<base::message_id>> database::empty_pages(table_ptr table, std::set<base::message_id> pages, purge_report& report,
                                                                      base::steady_time deadline) {
  const std::set<base::message_id> empty;
  if (pages.empty()) co_return empty;
  drain_context draining{env(), store_, values_, when_stopping(), deadline, nullptr};
  leaving_places places{pages, 0};
  table_drain drain(std::move(draining), table, std::move(places));
  auto done = co_await drain.run();
  if (!done && !drain.only_lost_left()) {
    report.messages = fmt::format("it lies in a page with others, which are not elsewhere yet ({}); give the command again in a while", done.error().message);
    co_return empty;
  }
  if (drain.versions_moved() > 0) {
    auto renewed = co_await checkpointer_.renew(false, deadline);
    if (!renewed) {
      report.messages = fmt::format("a page that holds it goes when two checkpoints were written: {}", renewed.error().message);
      co_return empty;
    }
  }
  for (auto page : pages) co_await table->abandon_page(page);
  co_await table->lose_versions(drain.lost_versions());
  co_return pages;
}

// All of them: the row may have been in any.
dbcord::actor::task<void> database::erase_from_index_channels(purge_report& report, table_ptr table, base::steady_time deadline) {
  auto rewritten = co_await index_channels_.rewrite(table, deadline);  // what is not written has nothing of the row either
  report.index_channels_written = rewritten.emptied;
  if (!rewritten.removed) report.index_channels = rewritten.removed.error().message;
}

dbcord::actor::task<void> database::erase_from_snapshots(purge_report& report, std::string table, std::string key, const write_context& context) {
  auto present = co_await directory_.list(context.deadline);
  if (!present) {
    report.snapshots = present.error().message;
    co_return;
  }
  protocol::channel_topic topic{protocol::channel_role::snapshots, record_.id, record_.name, {}};
  // Several, if the answer to the first one's creation was lost.
  for (const auto& channel : with_topic(present->value, topic)) {
    co_await erase_from_snapshots_in(channel.id, report, table, key, context);
    if (is_cancelled(context.progress)) co_return;
  }
}

dbcord::actor::task<void> database::erase_from_snapshots_in(base::channel_id channel, purge_report& report, std::string table, std::string key,
                                                            const write_context& context) {
  call_options options{priority::maintenance, context.deadline};
  auto found = co_await find_in_snapshots(store_, channel, std::move(table), std::move(key), options);
  if (!found) {
    report.snapshots = found.error().message;
    co_return;
  }
  report.snapshots_looked_at += found->looked_at;
  if (found->unreadable > 0) report.snapshots = fmt::format("{} cannot be read, so what is in them is not known", found->unreadable);
  for (auto& messages : found->holding) {
    if (is_cancelled(context.progress)) {
      report.snapshots += (report.snapshots.empty() ? "" : "; ") + std::string(cancelled_meanwhile);
      co_return;
    }
    removal_context removal{env(), store_, log_, context.deadline};
    auto removing = remove_messages(removal, channel, std::move(messages));
    auto done = co_await std::move(removing);
    if (!done) {
      report.snapshots = done.error().message;
      co_return;
    }
    ++report.snapshots_removed;
  }
}

}  // namespace dbcord::database
