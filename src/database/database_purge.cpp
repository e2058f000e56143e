// Purge: a row erased from everywhere that this guild keeps it. In the order in which nothing can bring it back: the row and its history, then the
// checkpoints and the log (a roll and two checkpoints behind the deletion leave nothing that needs the records before), then its thread and its
// messages, then the snapshots that hold it. Interrupted anywhere it goes on when the command is given again.

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/channel_pages.hpp"
#include "database/database_writes.hpp"
#include "database/message_removal.hpp"
#include "database/page_reader.hpp"
#include "database/snapshot_erasure.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration purge_poll = 500ms;

}  // namespace

dbcord::actor::task<base::result<purge_report>> database::purge(std::string table, std::string key, write_context context) {
  auto target = find_table(table);
  if (!target) co_return target.error();
  auto usable = check_key(key);
  if (!usable) co_return usable.error();
  purge_report report;
  auto deadline = context.deadline;
  auto start = [&](write_context c) { return (*target)->purge(key, std::move(c)); };
  auto writing = write_once(start, std::move(context));
  auto erased = co_await std::move(writing);
  if (!erased && erased.error().code != errc::unknown_key) co_return erased.error();
  report.row = erased.has_value();
  report.lsn = erased ? erased->lsn : log_.status().lsn.load();
  values_.forget_records();
  co_await erase_from_log(report, deadline);
  co_await erase_thread(report, *target, key, deadline);
  co_await erase_messages(report, *target, key, deadline);
  co_await erase_from_snapshots(report, table, key, deadline);
  co_return report;
}

dbcord::actor::task<void> database::erase_from_log(purge_report& report, base::steady_time deadline) {
  auto renewed = co_await checkpointer_.renew(true, deadline);
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
    report.log += " they go with the first checkpoint after those are written, or behind the horizon of the history (`/dbc_history_set`)";
    co_return;
  }
  for (auto gone = dropped_channels(); !gone.empty(); gone = dropped_channels()) {
    if (env().now() + purge_poll >= deadline || stopping_) {
      report.log = "the channels of its records are still being deleted";
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

dbcord::actor::task<void> database::erase_messages(purge_report& report, table_ptr table, std::string key, base::steady_time deadline) {
  auto channels = table->channels().all();
  for (auto channel : channels) co_await erase_messages_in(channel, report, table, key, deadline);
}

// Reads the whole channel, so that copies that a lost answer has left are found too.
dbcord::actor::task<void> database::erase_messages_in(base::channel_id channel, purge_report& report, table_ptr table, std::string key,
                                                      base::steady_time deadline) {
  std::vector<base::message_id> of_row, pages_of_row;
  const auto& definition = table->definition();
  auto thread = protocol::row_thread_tag(definition.table, key);
  channel_pages pages(store_, channel);
  for (;;) {
    call_options options{priority::maintenance, deadline};
    auto page = co_await pages.next(options);
    if (!page && table->has_left(channel, page.error())) co_return;
    if (!page) {
      report.messages = page.error().message;
      co_return;
    }
    if (page->empty()) break;
    for (const auto& m : *page) {
      auto header = m.author == store_.self() ? protocol::decode_row(m.content) : std::nullopt;
      if (header && header->table == definition.table && header->key == key && header->lsn <= report.lsn) of_row.push_back(m.id);
      bool tells_of_thread = m.author == store_.self() && protocol::tag_of_thread_name(m.content) == thread;
      if (tells_of_thread) of_row.push_back(m.id);
      auto paged = m.author == store_.self() ? protocol::decode_page(m.content) : std::nullopt;
      if (!paged || paged->table != definition.table) continue;
      auto rows = co_await read_page(store_, m, *paged, options);
      if (!rows) {
        report.messages = rows.error().message;
        co_return;
      }
      auto is_it = [&](const page_place& row) { return row.key == key && row.lsn <= report.lsn; };
      bool holds_it = std::any_of(rows->rows.begin(), rows->rows.end(), is_it);
      if (holds_it || !rows->damaged.empty()) pages_of_row.push_back(m.id);  // what is damaged may hold it
    }
  }
  for (auto page : pages_of_row) {
    auto emptied = co_await empty_page(table, page, deadline);
    if (emptied) {
      of_row.push_back(page);
    } else {
      report.messages = emptied.error().message;
    }
  }
  auto forget = [table, &report](std::vector<base::message_id> gone) {
    report.messages_removed += gone.size();
    return table->forget_garbage(std::move(gone));
  };
  removal_context removal{env(), store_, log_, deadline};
  auto removing = remove_messages(removal, channel, std::move(of_row), forget);
  auto done = co_await std::move(removing);
  if (!done) report.messages = done.error().message;
}

// Its other rows are written elsewhere first. Older versions that lie there are read from the log from then on, as far as it reaches.
dbcord::actor::task<base::result<void>> database::empty_page(table_ptr table, base::message_id page, base::steady_time deadline) {
  std::set<base::message_id> only{page};
  co_await table->relocate(std::move(only));
  for (;;) {
    auto left = co_await table->rows_in(page);
    if (left == 0) break;
    if (env().now() + purge_poll >= deadline || stopping_) {
      co_return base::error(base::errc::timeout, fmt::format("{} other rows of a page that holds it are still being written elsewhere; give the command "
                                                             "again in a while",
                                                             left));
    }
    co_await dbcord::actor::sleep_for(env(), purge_poll);
  }
  co_await table->abandon_page(page);
  co_return base::result<void>();
}

dbcord::actor::task<void> database::erase_from_snapshots(purge_report& report, std::string table, std::string key, base::steady_time deadline) {
  auto present = co_await directory_.list(deadline);
  if (!present) {
    report.snapshots = present.error().message;
    co_return;
  }
  protocol::channel_topic topic{protocol::channel_role::snapshots, record_.id, record_.name, {}};
  auto channels = with_topic(present->value, topic);
  if (channels.empty()) co_return;
  call_options options{priority::maintenance, deadline};
  auto found = co_await find_in_snapshots(store_, channels.front().id, std::move(table), std::move(key), options);
  if (!found) {
    report.snapshots = found.error().message;
    co_return;
  }
  report.snapshots_looked_at = found->looked_at;
  if (found->unreadable > 0) report.snapshots = fmt::format("{} cannot be read, so what is in them is not known", found->unreadable);
  for (auto& messages : found->holding) {
    removal_context removal{env(), store_, log_, deadline};
    auto removing = remove_messages(removal, channels.front().id, std::move(messages));
    auto done = co_await std::move(removing);
    if (!done) {
      report.snapshots = done.error().message;
      co_return;
    }
    ++report.snapshots_removed;
  }
}

}  // namespace dbcord::database
