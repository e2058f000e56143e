// Snapshots of tables: taken at one moment of the table, restored as a new table.

#include <fmt/format.h>

#include "database/database.hpp"
#include "database/snapshot.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t restored_bytes = 8 * 1024 * 1024;  // that are handed on at once
constexpr std::size_t restored_rows = 20'000;
constexpr base::duration undo_time = 2min;  // to drop what could not be restored, though the time for it is over

// Each step of a restore is a command of its own, so that a repetition goes on where it was.
write_context step_of(const write_context& whole, std::string_view step) {
  auto context = whole;
  if (!context.idempotency_key.empty()) context.idempotency_key += fmt::format(":{}", step);
  return context;
}

}  // namespace

dbcord::actor::task<base::result<base::channel_id>> database::snapshot_channel(base::steady_time deadline) {
  protocol::channel_topic topic{protocol::channel_role::snapshots, record_.id, record_.name, {}};
  auto turn = co_await creating_.lock();
  auto channel = co_await directory_.ensure(topic, "dbc-snapshots", bound_channels(), deadline);
  if (!channel) co_return channel.error();
  co_return channel->channel.id;
}

dbcord::actor::task<base::result<snapshot_summary>> database::snapshot(std::string table, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  auto begun = co_await begin_dump(*target, context.deadline);
  if (!begun) co_return begun.error();
  auto& its = begun->heads.front();
  its.head.head.settings = its.head.settings;
  its.head.head.settings->row_threads = its.head.row_threads;
  auto stated = its.head.rows;
  set_total(context.progress, stated);
  table_part_writer parts(env(), store_, *channel, its.head.head, begun->lsn, stated, context.deadline);
  snapshots_in_hand::claim in_hand(snapshots_in_hand_, parts.token());
  std::uint64_t rows = 0;
  for (;;) {
    auto some = co_await (*target)->next_of_dump(its.scan, context.deadline);
    if (!some) co_return some.error();
    if (some->empty()) break;
    for (const auto& row : *some) {
      auto added = co_await parts.add(row.json);
      if (!added) co_return added.error();
    }
    rows += some->size();
    add_done(context.progress, some->size());
    if (is_cancelled(context.progress) && rows < stated) {
      co_return base::error(base::errc::stopping, "the snapshot was cancelled; what was written of it is not used");
    }
  }
  if (rows != stated) co_return base::error(errc::damaged, fmt::format("table {} gave {} of its {} rows; nothing of this snapshot is used", table, rows, stated));
  co_return co_await parts.finish();
}

// All of it is read and checked before anything is made.
dbcord::actor::task<base::result<restore_report>> database::restore(base::message_id last_part, std::string table, write_context context) {
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  call_options options{priority::read, context.deadline};
  auto parts = co_await find_table_parts(store_, *channel, last_part, options);
  if (!parts) co_return parts.error();
  table_part_reader check(store_, *channel, *parts, options);
  auto head = co_await check.head();
  if (!head) co_return head.error();
  for (bool more = true; more;) {
    auto row = co_await check.next();
    if (!row) co_return row.error();
    more = row->has_value();
  }
  auto name = table.empty() ? head->table : std::move(table);
  auto making = step_of(context, "table");
  bool made_before = !making.idempotency_key.empty() && executed_.look(making.idempotency_key).done;
  auto made = co_await create_table(name, head->primary_key, std::move(making));
  if (!made) co_return made.error();
  set_total(context.progress, parts->back().header.rows);
  restore_report report{name, 0, head->table, parts->back().header.lsn};
  table_part_reader reader(store_, *channel, std::move(*parts), options);
  base::result<void> filled;
  auto same_head = co_await reader.head();
  if (!same_head) filled = same_head.error();
  if (filled) filled = co_await restore_into(report, *head, reader, context);
  if (filled) co_return report;
  // Of a repeated command: people may have used it since, if it is whole.
  if (made_before) co_return filled.error();
  co_return co_await undo_restore(*made, filled.error(), context);
}

dbcord::actor::task<base::error> database::undo_restore(table_summary made, base::error why, write_context context) {
  write_context undoing;
  undoing.who = context.who;
  undoing.command = context.command;
  undoing.deadline = env().after(undo_time);
  undoing.expected_id = made.id;
  auto dropped = co_await drop_table(made.name, std::move(undoing));
  if (!dropped) {
    co_return base::error(why.code, fmt::format("{}. Table {} is there, but not whole, and could not be dropped ({}): drop it with /dbc_drop", why.message, made.name,
                                                dropped.error().message), why.detail);
  }
  auto code = why.code == errc::outcome_unknown ? base::error(errc::unavailable).code : why.code;  // what became of the rows is known now
  co_return base::error(code, fmt::format("{}. Table {} was dropped again", why.message, made.name), why.detail);
}

dbcord::actor::task<base::result<void>> database::restore_rows(restore_report& report, table_part_reader& reader, const write_context& context) {
  std::optional<std::string> next;  // the row behind the last batch
  for (std::uint64_t batch = 1;; ++batch) {
    std::vector<new_row> rows;
    std::size_t bytes = 0;
    for (;;) {
      if (!next) {
        auto row = co_await reader.next();
        if (!row) co_return row.error();
        next = std::move(*row);
      }
      bool full = !rows.empty() && next && (bytes + next->size() > restored_bytes || rows.size() == restored_rows);
      if (!next || full) break;
      bytes += next->size();
      rows.push_back({{}, std::move(*next)});
      next.reset();
    }
    if (rows.empty()) co_return base::result<void>();
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the restoring was cancelled");
    auto handed_on = rows.size();
    auto step = step_of(context, fmt::format("rows-{}", batch));
    step.progress = nullptr;  // the whole has its own
    auto imported = co_await import(report.table, std::move(rows), std::move(step), true);
    if (!imported) co_return imported.error();
    report.rows += imported->accepted;
    add_done(context.progress, handed_on);
    if (imported->accepted != handed_on) {
      co_return base::error(errc::damaged, fmt::format("only {} of {} rows could be restored into {}; the first that could not: {}", report.rows,
                                                       reader.stated(), report.table,
                                                       imported->refused.empty() ? "" : imported->refused.front().reason));
    }
  }
}

dbcord::actor::task<base::result<void>> database::restore_into(restore_report& report, const protocol::snapshot_head& head, table_part_reader& reader,
                                                               const write_context& context) {
  const auto& name = report.table;
  const auto& settings = head.settings;
  if (settings && settings->layout != protocol::table_layout::automatic) {
    auto laid_out = co_await set_layout(name, settings->layout, step_of(context, "layout"));
    if (!laid_out) co_return laid_out.error();
  }
  auto restored = co_await restore_rows(report, reader, context);
  if (!restored) co_return restored.error();
  auto schema = co_await set_schema(name, head.schema_json, true, step_of(context, "schema"));
  if (!schema) co_return schema.error();
  for (const auto& index : head.indexes) {
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the restoring was cancelled");
    auto step = step_of(context, "index-" + index.field);
    step.progress = nullptr;  // what is told is how many rows are there
    auto created = co_await create_index(name, index.field, index.unique, false, std::move(step));
    if (!created) co_return created.error();
  }
  if (settings) {
    auto limited = co_await set_history(name, settings->history_versions, settings->history_days(), step_of(context, "history"));
    if (!limited) co_return limited.error();
  }
  if (settings && settings->row_threads) {
    auto threads = co_await set_row_threads(name, true, step_of(context, "threads"));
    if (!threads) co_return threads.error();
  }
  for (const auto& index : head.indexes) {
    if (!index.channel) continue;
    auto shown = co_await set_index_channel(name, index.field, true, step_of(context, "channel-" + index.field));
    auto why = shown ? why_no_channel(*shown) : shown.error().message;
    if (!why.empty()) report.without_channel.push_back(fmt::format("{}.{}: {}", name, index.field, why));
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
