// Snapshots of tables: taken at one moment of the table, restored as a new table.

#include <fmt/format.h>

#include "database/database.hpp"
#include "database/snapshot.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t part_bytes = 8 * 1024 * 1024;  // below what any guild takes as one file

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
  if (!target) co_return target.error();
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  auto begun = co_await begin_dump(*target, context.deadline);
  if (!begun) co_return begun.error();
  auto& table_head = begun->heads.front().head;
  table_head.head.settings = table_head.settings;
  table_head.head.settings->row_threads = table_head.row_threads;
  table_dump dump{std::move(table_head.head), begun->lsn, {}};
  for (;;) {
    auto some = co_await (*target)->next_of_dump(begun->heads.front().scan, context.deadline);
    if (!some) co_return some.error();
    if (some->empty()) break;
    for (auto& row : *some) dump.rows.push_back(std::move(row.json));
  }
  call_options options{priority::maintenance, context.deadline};
  co_return co_await write_snapshot(env(), store_, *channel, std::move(dump), part_bytes, options, context.progress);
}

dbcord::actor::task<base::result<restore_report>> database::restore(base::message_id last_part, std::string table, write_context context) {
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  call_options options{priority::read, context.deadline};
  auto dump = co_await read_snapshot(store_, *channel, last_part, options);
  if (!dump) co_return dump.error();
  auto name = table.empty() ? dump->head.table : std::move(table);
  auto made = co_await create_table(name, dump->head.primary_key, step_of(context, "table"));
  if (!made) co_return made.error();
  const auto& settings = dump->head.settings;
  if (settings && settings->layout != protocol::table_layout::automatic) {
    auto laid_out = co_await set_layout(name, settings->layout, step_of(context, "layout"));
    if (!laid_out) co_return laid_out.error();
  }
  restore_report report{name, 0, dump->head.table, dump->lsn};
  std::vector<new_row> rows;
  for (auto& json : dump->rows) rows.push_back({{}, std::move(json)});
  auto stated = rows.size();
  auto imported = co_await import(name, std::move(rows), step_of(context, "rows"), true);
  if (!imported) co_return imported.error();
  report.rows = imported->accepted;
  if (imported->accepted != stated) {
    co_return base::error(errc::damaged, fmt::format("only {} of {} rows could be restored into {}; the first that could not: {}", imported->accepted,
                                                     stated, name, imported->refused.empty() ? "" : imported->refused.front().reason));
  }
  auto schema = co_await set_schema(name, dump->head.schema_json, true, step_of(context, "schema"));
  if (!schema) co_return schema.error();
  for (const auto& index : dump->head.indexes) {
    if (is_cancelled(context.progress)) {
      co_return base::error(base::errc::stopping, fmt::format("the restoring was cancelled; table {} has its rows, but not all of its indexes", name));
    }
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
  for (const auto& index : dump->head.indexes) {
    if (!index.channel) continue;
    auto shown = co_await set_index_channel(name, index.field, true, step_of(context, "channel-" + index.field));
    auto why = shown ? why_no_channel(*shown) : shown.error().message;
    if (!why.empty()) report.without_channel.push_back(fmt::format("{}.{}: {}", name, index.field, why));
  }
  co_return report;
}

}  // namespace dbcord::database
