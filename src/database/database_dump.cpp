// Snapshots of whole databases: all tables as they stood at one moment, kept in messages of #dbc-snapshots.

#include <fmt/format.h>

#include "database/database.hpp"
#include "database/dump_parts.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::database {

// Between two commit groups nothing is being applied, so that all tables stand at the LSN of the log's tip. A log that is only read stands still anyway.
dbcord::actor::task<base::result<database::begun_dump>> database::begin_dump(table_ptr one, base::steady_time deadline) {
  begun_dump begun;
  auto gather = [](database* self, table_ptr only, begun_dump* to, std::uint64_t lsn) -> dbcord::actor::task<void> {
    to->lsn = lsn;
    to->access_json = self->access().json();
    to->accept_deletions = self->deletions_.policy() == deletion_policy::accept;
    if (only) to->tables.push_back(std::move(only));
    else to->tables = self->all_tables();
    for (const auto& table : to->tables) to->heads.push_back(co_await table->begin_dump());
    for (std::size_t i = 0; i < to->tables.size(); ++i) to->heads[i].head.row_threads = self->changed_rows_.follows(to->tables[i]->definition().table);
  };
  if (log_.read_only_reason()) {
    co_await gather(this, one, &begun, log_.status().lsn);
    co_return begun;
  }
  auto current = co_await log_.confirm_readable(deadline);
  if (!current) co_return current.error();
  auto work = [self = this, one, to = &begun, gather](log_point at) { return gather(self, one, to, at.anchor.lsn); };
  auto rested = log_.at_rest(work, deadline);
  auto done = co_await std::move(rested);
  if (!done) co_return done.error();
  co_return begun;
}

dbcord::actor::task<base::result<database_snapshot_summary>> database::snapshot_all(read_context context) {
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  auto begun = co_await begin_dump({}, context.deadline);
  if (!begun) co_return begun.error();
  std::uint64_t rows = 0;
  for (const auto& h : begun->heads) rows += h.head.rows;
  set_total(context.progress, rows);
  protocol::dump_writer lines;
  dump_part_writer parts(env(), store_, *channel, record_.name, begun->lsn, begun->tables.size(), context.deadline);
  snapshots_in_hand::claim in_hand(snapshots_in_hand_, parts.token());
  protocol::dump_head head{record_.name, begun->lsn, base::to_iso8601(env().clock.wall_now()), begun->access_json, begun->tables.size(), begun->accept_deletions};
  auto added = co_await parts.add(lines.head(head), 0);
  for (std::size_t i = 0; i < begun->tables.size() && added; ++i) {
    auto its = std::move(begun->heads[i]);
    added = co_await dump_table(begun->tables[i], std::move(its), lines, parts, context);
  }
  if (added) added = co_await parts.add(lines.end(), 0);
  if (!added) co_return added.error();
  co_return co_await parts.finish();
}

dbcord::actor::task<base::result<void>> database::dump_table(table_ptr table, table_actor::begun_dump its, protocol::dump_writer& lines,
                                                             dump_part_writer& parts, read_context context) {
  auto added = co_await parts.add(lines.table(its.head), 0);
  std::uint64_t rows = 0;
  while (added) {
    auto some = co_await table->next_of_dump(its.scan, context.deadline);
    if (!some) co_return some.error();
    if (some->empty()) break;
    for (const auto& row : *some) {
      added = co_await parts.add(lines.row(row.json), 1);
      if (!added) co_return added.error();
    }
    rows += some->size();
    add_done(context.progress, some->size());
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the snapshot was cancelled; what was written of it is not used");
  }
  if (added && rows != its.head.rows) {
    co_return base::error(errc::damaged, fmt::format("table {} gave {} of its {} rows; nothing of this snapshot is used", its.head.head.table, rows, its.head.rows));
  }
  co_return added;
}

dbcord::actor::task<base::result<std::vector<located_dump_part>>> database::find_snapshot(base::message_id last_part, base::channel_id& channel,
                                                                                          base::steady_time deadline) {
  auto where = co_await snapshot_channel(deadline);
  if (!where) co_return where.error();
  channel = *where;
  call_options options{priority::read, deadline};
  co_return co_await find_dump_parts(store_, channel, last_part, true, options);
}

}  // namespace dbcord::database
