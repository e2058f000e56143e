// Vacuum: messages that no row lives in any more are deleted.

#include <limits>

#include "database/channel_pages.hpp"
#include "database/database.hpp"
#include "database/message_removal.hpp"
#include "database/page_reader.hpp"
#include "database/row_file.hpp"
#include "database/snapshot_verification.hpp"
#include "protocol/row_thread.hpp"

namespace dbcord::database {
namespace {

dbcord::actor::task<void> count_parts(vacuum_report& report, std::size_t gone) {
  report.snapshot_parts_removed += gone;
  co_return;
}

}  // namespace

dbcord::actor::task<base::result<vacuum_report>> database::vacuum(std::string table, bool scan, read_context context) {
  std::vector<table_ptr> chosen = all_tables();
  if (!table.empty()) {
    auto target = find_table(table);
    if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
    chosen = {*target};
  }
  if (auto closed = log_.closed_reason()) co_return *closed;
  vacuum_report report;
  for (const auto& t : chosen) {
    if (scan) {
      auto looked = co_await look_through(t, report, context);
      if (!looked) co_return looked.error();
    }
    co_await t->expire_history();
    auto sparse = co_await t->sparse_pages();
    report.pages_rewritten += sparse.size();
    report.rows_moved += co_await t->relocate(std::move(sparse));
    auto garbage = co_await t->garbage();
    report.found += garbage.messages.size();
    if (report.stopped || garbage.messages.empty()) continue;
    auto forget = [target = t, &report](std::vector<base::message_id> gone) {
      report.removed += gone.size();
      return target->forget_garbage(std::move(gone), &report.kinds);
    };
    removal_context removal{env(), store_, log_, context.deadline};
    auto removing = remove_messages(removal, garbage.channel, std::move(garbage.messages), forget);
    auto done = co_await std::move(removing);
    if (!done) report.stopped = done.error().message;
  }
  if (report.stopped) co_return report;
  co_await remove_unfinished_snapshots(report, context);
  auto given_up = [ended = when_stopping_or_purging(), progress = context.progress] { return ended() || is_cancelled(progress); };
  auto emptied = co_await empty_log(std::move(chosen), log_.segments().current().first_lsn, given_up, context.deadline);
  report.versions_written = emptied.versions;
  report.log = emptied.trouble;
  co_return report;
}

// They are of no table any more, so it does not matter whose garbage was asked about. What is of one that is readable stays.
dbcord::actor::task<void> database::remove_unfinished_snapshots(vacuum_report& report, read_context context) {
  auto channel = co_await present_snapshot_channel(context.deadline);
  if (!channel) report.snapshots = channel.error().message;
  if (!channel || !*channel) co_return;
  call_options options{priority::maintenance, context.deadline};
  auto unfinished = co_await unfinished_snapshots(store_, **channel, snapshots_in_hand_, options);
  if (!unfinished) report.snapshots = unfinished.error().message;
  if (!unfinished) co_return;
  std::vector<base::message_id> messages;
  for (const auto& snapshot : *unfinished) messages.insert(messages.end(), snapshot.messages.begin(), snapshot.messages.end());
  if (messages.empty()) co_return;
  auto count = [&report](std::vector<base::message_id> gone) { return count_parts(report, gone.size()); };
  removal_context removal{env(), store_, log_, context.deadline};
  auto removing = remove_messages(removal, **channel, std::move(messages), count);
  auto done = co_await std::move(removing);
  if (!done) report.snapshots = done.error().message;
}

// What the table does not know as a place of a row or of a version becomes garbage.
dbcord::actor::task<base::result<void>> database::look_through(table_ptr table, vacuum_report& report, read_context context) {
  const auto& definition = table->definition();
  auto published = log_.status().lsn.load();
  auto channel = table->channels().current;
  channel_pages pages(store_, channel);
  pages.allow_emptied();
  std::set<base::message_id> strays;
  for (;;) {
    call_options options{priority::maintenance, context.deadline};
    auto page = co_await pages.next(options);
    if (!page) co_return page.error();
    if (page->empty()) co_return co_await discard_strays(table, channel, std::move(strays));
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the vacuum was cancelled before it removed anything");
    for (const auto& m : *page) {
      ++report.scanned;
      auto header = m.author == store_.self() ? protocol::decode_row(m.content) : std::nullopt;
      auto paged = m.author == store_.self() ? protocol::decode_page(m.content) : std::nullopt;
      if (paged && paged->table == definition.table && paged->newest_lsn <= published) {
        auto known = co_await look_through_page(table, channel, m, *paged, options);
        if (!known) co_return known.error();
      }
      bool ours = m.author == store_.self() && (!header || header->table != definition.table) && (!paged || paged->table != definition.table);
      if (ours && is_stray(m.id, pages.date()) && !protocol::tag_of_thread_name(m.content)) strays.insert(m.id);
      // A newer one may be of a write that is being applied right now.
      if (header && header->table == definition.table && header->lsn <= published) {
        auto counted = co_await count_row(store_, table, channel, *header, m, options);
        if (!counted) co_return counted.error();
      }
    }
    add_done(context.progress, page->size());
  }
}

// What cannot be read as a row may be where one should lie: verification tells that. The others are, like orphans, of a write that no record knows: of no key.
dbcord::actor::task<base::result<void>> database::discard_strays(table_ptr table, base::channel_id channel, std::set<base::message_id> strays) {
  if (strays.empty()) co_return base::result<void>();
  auto places = co_await table->messages_of_records(0, std::numeric_limits<std::uint64_t>::max());
  for (auto m : strays) {
    row_copy copy;
    copy.lsn = std::numeric_limits<std::uint64_t>::max();
    copy.message = m;
    if (!places[channel].contains(m)) (void)co_await table->found(channel, std::move(copy), file_state::whole);
  }
  co_return base::result<void>();
}

dbcord::actor::task<base::result<void>> database::look_through_page(table_ptr table, base::channel_id channel, const stored_message& message,
                                                                    const protocol::page_header& header, call_options options) {
  bool known = co_await table->knows_page(message.id);
  if (known) co_return base::result<void>();
  auto page = co_await read_page(store_, message, header, options);
  if (!page) co_return page.error();
  if (page->damaged.empty()) co_await table->materialised(channel, message.id, std::move(page->rows));
  co_return base::result<void>();
}

}  // namespace dbcord::database
