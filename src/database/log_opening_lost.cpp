// The part of log_opening that is about what is lost: whether the log's end is, and what the channels of tables still hold of records that people have deleted.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "actor/each_at_once.hpp"
#include "base/deliberate_bug.hpp"
#include "database/history_page.hpp"
#include "database/log_opening.hpp"
#include "database/record_order.hpp"
#include "database/store_refusal.hpp"
#include "database/superseded_changes.hpp"
#include "protocol/channel_topic.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {
namespace {

constexpr int listing_attempts = 4;  // two seconds

std::string records_are(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("log record {} is", first) : fmt::format("log records {} to {} are", first, last);
}

}  // namespace

std::uint64_t log_opening::tip_lsn(const chain& seen) { return seen.records.empty() ? seen.anchor.lsn : seen.records.back().record.header.lsn; }

// Zero: nothing is known that stands before it.
base::message_id log_opening::message_before(const chain& seen, std::size_t position) {
  auto known = std::min(position, seen.records.size());
  if (known > 0) return seen.records[known - 1].message.id;
  return seen.manifest ? seen.manifest->record : base::message_id();
}

std::vector<base::channel_id> log_opening::channels_of_tables() const {
  std::vector<base::channel_id> all;
  for (const auto& c : channels_.tables.present) {
    auto topic = protocol::decode_topic(c.topic);
    if (topic && topic->role == protocol::channel_role::table && topic->database_id == channels_.tables.database_id) all.push_back(c.id);
  }
  return all;
}

// Rows are written as messages when their record is acknowledged, under the lease, and what is acknowledged stays on the chain. So a row whose LSN the chain does not
// reach is of a record that somebody has deleted. Only the newest messages are looked at, and only where something was written behind the chain's last record; and none
// as long as the list of channels names that record as the last message of its own, since Discord goes on naming one that was deleted: mostly this takes no request.
actor::task<base::result<void>> log_opening::look_behind_end(chain& seen, base::steady_time deadline) {
  if (seen.end_lost || base::has_bug(base::deliberate_bug::overlook_a_hole)) co_return base::result<void>();
  auto tip = message_before(seen, seen.records.size());
  auto last_of = [this](base::channel_id id) {
    const auto& all = channels_.tables.present;
    auto its = std::find_if(all.begin(), all.end(), [id](const auto& c) { return c.id == id; });
    return its == all.end() ? base::message_id() : its->last_message;
  };
  if (!seen.records.empty()) {
    const auto& newest = seen.records.back();
    auto named = last_of(newest.record.channel);
    bool is_last = named == tip || std::any_of(newest.copies.begin(), newest.copies.end(), [named](const auto& copy) { return copy.id == named; });
    if (is_last && (seen.channel == newest.record.channel || !last_of(seen.channel))) co_return base::result<void>();
  }
  std::vector<base::channel_id> written;
  for (auto id : channels_of_tables()) {
    auto last = last_of(id);
    if (last && !is_of_another_record(tip, last)) written.push_back(id);
  }
  row_behind_end newest;
  auto known = tip_lsn(seen);
  co_await actor::each_at_once(written.size(), listings_at_once, [&](std::size_t i) { return look_behind_end_in(written[i], tip, deadline, newest); });
  if (newest.failure) co_return *newest.failure;
  if (newest.lsn <= known) co_return base::result<void>();
  seen.end_lost = true;
  seen.losses.push_back(fmt::format("{} gone: message {} in channel {} holds a row of record {}", records_are(known + 1, newest.lsn), newest.message.str(),
                                    newest.channel.str(), newest.lsn));
  co_return base::result<void>();
}

// What cannot be read, may not be, or is gone, proves nothing, and is no reason not to open.
actor::task<void> log_opening::look_behind_end_in(base::channel_id channel, base::message_id tip, base::steady_time deadline, row_behind_end& newest) {
  for (int attempt = 1;; ++attempt) {
    auto page = co_await store_.history_before(channel, {}, history_page_max, request());
    if (!page && may_pass(page.error()) && attempt < listing_attempts && env_.now() < deadline) {
      auto goes_on = co_await pause(retry_pause);
      if (goes_on) continue;
      newest.failure = goes_on.error();
      co_return;
    }
    if (!page) {
      env_.log.warning("a table's channel cannot be looked at for what the log lacks",
                       {{"database", options_.database}, {"channel", channel.value}, {"error", page.error().message}});
      co_return;
    }
    lease_.note_date(page->date);
    for (const auto& m : page->value) {
      if (m.author != store_.self() || is_of_another_record(tip, m.id)) continue;
      auto row = protocol::decode_row(m.content);
      auto rows = protocol::decode_page(m.content);
      auto lsn = row ? row->lsn : rows ? rows->newest_lsn : 0;
      if (lsn > newest.lsn) {
        newest.lsn = lsn;
        newest.channel = channel;
        newest.message = m.id;
      }
    }
    co_return;
  }
}

// The log's beginning is not there, and no checkpoint stands for it.
bool log_opening::begins_late(const chain& seen) {
  return !seen.base && !seen.losses.empty() && (seen.records.empty() || seen.records.front().record.header.lsn > seen.anchor.lsn + 1);
}

scan_task log_opening::what_to_scan(const chain& seen, const recovered_log& recovered) const {
  auto what = channels_.tables;
  for (const auto& gap : seen.gaps) what.lost.push_back({gap.first_lsn, gap.last_lsn});
  for (auto lsn : recovered.unreadable) what.lost.push_back({lsn, lsn});
  if (seen.records.empty() || seen.end_lost) what.lost.push_back({tip_lsn(seen) + 1, std::numeric_limits<std::uint64_t>::max()});
  what.dropped = recovered.dropped;
  what.dropped_channels = recovered.dropped_channels;
  for (const auto& group : recovered.groups) {
    for (const auto& transaction : group.transactions) {
      for (const auto& op : transaction.operations) what.note(op);
    }
  }
  if (!recovered.base) return what;
  for (const auto& [id, table] : recovered.base->tables) what.in_log[id] = true;
  what.dropped_channels.insert(recovered.base->head.dropped_channels.begin(), recovered.base->head.dropped_channels.end());
  return what;
}

// What all that is lost is younger than.
base::message_id log_opening::message_before_losses(const chain& seen, const recovered_log& recovered) {
  auto before = message_before(seen, seen.records.size());
  for (const auto& gap : seen.gaps) before = std::min(before, message_before(seen, gap.before));
  for (const auto& found : seen.records) {
    if (recovered.unreadable.contains(found.record.header.lsn)) before = std::min(before, found.message.id);
  }
  return before ? start_behind({}, before).after : before;
}

// Versions whose records are lost stand in messages all the same: as if the log told of them they take their place before what it still tells.
actor::task<base::result<void>> log_opening::find_lost_rows(const chain& seen, recovered_log& recovered) {
  auto what = what_to_scan(seen, recovered);
  auto channels = channels_of_tables();
  auto add = [&](base::channel_id channel) {
    if (channel && std::find(channels.begin(), channels.end(), channel) == channels.end()) channels.push_back(channel);
  };
  if (recovered.base) {
    for (const auto& [id, table] : recovered.base->tables) {
      add(table.head.definition.channel);
      if (table.head.move) add(table.head.move->retiring);
    }
  }
  for (const auto& [id, moves] : what.moves) {
    for (const auto& move : moves) add(move.channel);
  }
  table_scan scan(env_, store_, std::move(what), [this] { return given_up_.load(); });
  auto found = co_await scan.find_lost(std::move(channels), message_before_losses(seen, recovered));
  if (!found) co_return found.error();
  recovered.newest_scanned = found->newest_lsn;
  if (auto versions = found->versions(); versions > 0) {
    bool one = versions == 1;
    recovered.losses.push_back(fmt::format("{} version{} of rows from what is lost {} in messages of the tables' channels, and {} kept", versions, one ? "" : "s",
                                           one ? "stands" : "stand", one ? "is" : "are"));
  }
  for (auto& why : found->unreadable) recovered.losses.push_back(std::move(why));
  recovered.found = std::move(found->messages);
  add_found(recovered.groups, std::move(found->records));
  co_return base::result<void>();
}

// The record that made a table is lost, those of its rows are not.
actor::task<base::result<void>> log_opening::make_tables_again(const chain& seen, recovered_log& recovered) {
  auto what = what_to_scan(seen, recovered);
  what.in_log.erase(0);  // changes of no table
  if (std::all_of(what.in_log.begin(), what.in_log.end(), [](const auto& table) { return table.second; })) co_return base::result<void>();
  table_scan scan(env_, store_, std::move(what), [this] { return given_up_.load(); });
  auto unmade = co_await scan.find_unmade();
  if (!unmade) co_return unmade.error();
  if (unmade->empty()) co_return base::result<void>();
  recovered_group makes;
  protocol::transaction all;
  for (auto& table : *unmade) {
    recovered.losses.push_back(fmt::format("the creation of table {} is lost: its name and its key are known by the channels, what else was set then is lost", table.name));
    all.operations.push_back(std::move(table));
  }
  makes.transactions.push_back(std::move(all));
  recovered.groups.insert(recovered.groups.begin(), std::move(makes));
  co_return base::result<void>();
}

actor::task<base::result<void>> log_opening::scan_tables(const chain& seen, recovered_log& recovered) {
  table_scan scan(env_, store_, what_to_scan(seen, recovered), [this] { return given_up_.load(); });
  auto found = co_await scan.run();
  if (!found) co_return found.error();
  recovered.losses.push_back(fmt::format("no checkpoint is left that says what stood before: {} row{} of {} table{} were found in the tables' channels, but schemas, "
                                         "indexes, roles and settings are lost, and rows that had been deleted may be back",
                                         found->rows, found->rows == 1 ? "" : "s", found->image.tables.size(), found->image.tables.size() == 1 ? "" : "s"));
  for (auto& why : found->unreadable) recovered.losses.push_back(std::move(why));
  recovered.newest_scanned = found->newest_lsn;
  fold_superseded(recovered.groups, found->image);
  found->image.anchor = seen.anchor;
  recovered.base = std::move(found->image);
  co_return base::result<void>();
}

}  // namespace dbcord::database
