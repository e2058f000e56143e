// A table that moves into a fresh channel: the record that says so, then everything that lies in the old channel is written anew, then, when both kept
// checkpoints know the new places, a `drop` record names the old channel (checkpointer) and it is deleted. Interrupted anywhere it goes on when the command is
// given again; from the last step on by itself.

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/adoption_wait.hpp"
#include "database/database_writes.hpp"
#include "database/table_drain.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration move_poll = 500ms;

}  // namespace

bool database::claim_move(protocol::table_id table) {
  std::lock_guard lock(tables_mutex_);
  return moving_.insert(table).second;
}

void database::end_claim(protocol::table_id table) {
  std::lock_guard lock(tables_mutex_);
  moving_.erase(table);
}

dbcord::actor::task<base::result<move_report>> database::move_table(std::string table, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  if (auto lost = log_.read_only_reason()) co_return *lost;
  auto id = (*target)->definition().table;
  if (!claim_move(id)) {
    co_return base::error(errc::already_exists, fmt::format("table {} is being written into another channel right now; see `/dbc_jobs`", table));
  }
  auto report = co_await begin_move(*target, context);
  if (report) {
    co_await empty_retiring(*target, *report, context);
    if (!report->stopped && report->from) co_await retire(*target, *report, context);
    auto figures = co_await (*target)->figures(context.deadline);
    if (figures) {
      report->waiting = figures->waiting;
      report->lost = figures->lost;
    }
  }
  end_claim(id);
  co_return report;
}

// A channel that an earlier attempt has left is empty, since nothing is written to one before its record is acknowledged: it is found by its topic and taken.
dbcord::actor::task<write_result<committed_write>> database::move_into_fresh_channel(table_ptr table, write_context context) {
  const auto& name = table->definition().name;
  protocol::channel_topic topic{protocol::channel_role::table, record_.id, record_.name, name};
  auto fresh = co_await directory_.ensure(topic, "table-" + name, bound_channels(), context.deadline);
  if (!fresh) co_return write_result<committed_write>(fresh.error());
  co_return co_await table->move(fresh->channel.id, std::move(context));
}

dbcord::actor::task<base::result<move_report>> database::begin_move(table_ptr table, write_context context) {
  move_report report;
  co_await await_adoption(env(), table, stopping_, context.deadline);
  if (!table->knows_all_messages()) co_return table->still_adopting();
  bool homeless = co_await table->is_homeless();
  if (homeless || !table->channels().retiring) {
    auto start = [&](write_context c) { return move_into_fresh_channel(table, std::move(c)); };
    auto writing = write_once(start, std::move(context));
    auto begun = co_await std::move(writing);
    if (!begun) co_return begun.error();
    report.begun = !begun->repeated;
  }
  auto now = table->channels();
  report.from = now.retiring;
  report.to = now.current;
  co_return report;
}

dbcord::actor::task<void> database::empty_retiring(table_ptr table, move_report& report, const write_context& context) {
  drain_context draining{env(), store_, values_, when_stopping(), context.deadline, context.progress};
  table_drain drain(std::move(draining), table);
  auto done = co_await drain.run();
  report.rows = drain.rows_moved();
  report.versions = drain.versions_moved();
  if (done) co_return;
  if (!drain.only_lost_left()) {
    report.stopped = done.error().message;
    co_return;
  }
  // They would keep the table from ever leaving this channel, or any other.
  env().log.warning("older versions cannot be read any more and are forgotten", {{"database", record_.name}, {"table", table->definition().name}, {"why", done.error().message}});
  for (auto message : drain.lost_places()) co_await table->abandon_page(message);
  co_await table->lose_versions(drain.lost_versions());
  leaving_places channel;
  auto left = co_await table->count_leaving(channel);
  if (left.rows + left.versions > 0) report.stopped = done.error().message;
}

// Two checkpoints, so that no start looks for anything in the old channel.
dbcord::actor::task<void> database::retire(table_ptr table, move_report& report, const write_context& context) {
  go_behind(context.progress, "two checkpoints are written, then the old channel is deleted");
  auto renewed = co_await checkpointer_.renew(false, context.deadline);
  if (!renewed) {
    report.stopped = fmt::format("the old channel goes when two checkpoints were written: {}", renewed.error().message);
    co_return;
  }
  for (;;) {
    auto left = dropped_channels();
    bool there = table->channels().retiring == report.from || std::find(left.begin(), left.end(), report.from) != left.end();
    if (!there) co_return;
    if (table->dropped()) {  // it leaves that channel with all others
      report.stopped = "the table was dropped meanwhile";
      co_return;
    }
    if (env().now() + move_poll >= context.deadline || stopping_ || is_cancelled(context.progress)) {
      report.stopped = "the old channel is empty of rows and goes soon";
      co_return;
    }
    co_await dbcord::actor::sleep_for(env(), move_poll);
  }
}

}  // namespace dbcord::database
