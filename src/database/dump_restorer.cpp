#include "database/dump_restorer.hpp"

#include <fmt/format.h>

namespace dbcord::database {
namespace {


}  // namespace

actor::task<base::result<void>> dump_restorer::take(protocol::dump_item item) {
  if (auto* head = std::get_if<protocol::dump_head>(&item)) {
    head_ = std::move(*head);
    auto rules = protocol::access_rules::parse(head_.access_json);
    if (!rules) co_return rules.error();
    base::result<void> done;
    if (!rules->empty()) done = co_await target_.set_access(std::move(*rules));
    if (done && head_.accept_deletions) done = co_await target_.accept_deletions();
    co_return done;
  }
  if (auto* row = std::get_if<protocol::dump_row>(&item)) co_return co_await add_row(std::move(row->json));
  auto ended = co_await end_table();
  if (!ended) co_return ended.error();
  if (auto* table = std::get_if<protocol::dump_table>(&item)) co_return co_await begin_table(std::move(*table));
  co_await show_indexes();
  co_return base::result<void>();
}

actor::task<base::result<void>> dump_restorer::begin_table(protocol::dump_table table) {
  table_ = std::move(table);
  auto made = co_await target_.create_table(table_->head.table, table_->head.primary_key);
  if (!made || table_->settings.layout == protocol::table_layout::automatic) co_return made;
  co_return co_await target_.set_layout(table_->head.table, table_->settings.layout);
}

actor::task<base::result<void>> dump_restorer::add_row(std::string json) {
  if (!batch_.empty() && (bytes_ + json.size() > batch_bytes_ || batch_.size() == batch_rows_)) {
    auto done = co_await flush();
    if (!done) co_return done.error();
  }
  bytes_ += json.size();
  batch_.push_back({{}, std::move(json)});
  co_return base::result<void>();
}

actor::task<base::result<void>> dump_restorer::flush() {
  if (batch_.empty()) co_return base::result<void>();
  auto rows = std::exchange(batch_, {});
  auto handed_on = rows.size();
  bytes_ = 0;
  auto done = co_await target_.insert(table_->head.table, std::move(rows));
  if (!done) co_return done.error();
  rows_ += handed_on;
  co_return base::result<void>();
}

actor::task<base::result<void>> dump_restorer::end_table() {
  if (!table_) co_return base::result<void>();
  auto done = co_await flush();
  if (!done) co_return done.error();
  auto table = std::move(*std::exchange(table_, std::nullopt));
  const auto& name = table.head.table;
  if (table.head.schema_json != "{}") done = co_await target_.set_schema(name, table.head.schema_json);
  for (const auto& index : table.head.indexes) {
    if (!done) co_return done.error();
    done = co_await target_.create_index(name, index.field, index.unique);
    if (index.channel) shown_.emplace_back(name, index.field);
  }
  if (!done) co_return done.error();
  // Behind the rows, which need no threads for having been restored.
  done = co_await target_.set_history(name, table.settings.history_versions, table.settings.history_days(), table.row_threads);
  if (!done) co_return done.error();
  ++tables_;
  co_return base::result<void>();
}

actor::task<void> dump_restorer::show_indexes() {
  auto shown = std::exchange(shown_, {});
  for (const auto& [table, field] : shown) {
    auto done = co_await target_.show_index(table, field);
    if (!done) without_channel_.push_back(fmt::format("{}.{}: {}", table, field, done.error().message));
  }
}

}  // namespace dbcord::database
