// The part of database that drops tables, says who may do what, and suggests.

#include <fmt/format.h>

#include <algorithm>

#include "database/database_writes.hpp"
#include "database/make_pending.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration request_time = 60s;
constexpr base::duration drop_retry_pause = 5s;

}  // namespace

// ---- dropping ----

dbcord::actor::task<base::result<write_receipt>> database::drop_table(std::string table, write_context context) {
  // A repeated delivery comes when the table is gone already.
  auto earlier = co_await admit(context.idempotency_key, context.deadline);
  if (!earlier) co_return earlier.error();
  if (*earlier) co_return to_receipt({(*earlier)->lsn, (*earlier)->log_message}, 0, true);
  auto target = find_table(table);
  if (target) {
    if (auto same = (*target)->check_identity(context, "deleted"); !same) target = same.error();
  }
  auto written = write_result<committed_write>(target ? base::error(base::errc::stopping) : target.error());
  if (target) written = co_await (*target)->drop(context);
  if (!written.submitted && !context.idempotency_key.empty()) executed_.abandon(context.idempotency_key);
  if (!written.value && !written.submitted) co_return co_await confirm_refusal(written.value.error(), context.deadline);
  if (!written.value) co_return written.value.error();
  co_return to_receipt(written.value->commit, 0, false);
}

bool database::apply_to_database(const protocol::operation& op) {
  if (const auto* dropped = std::get_if<protocol::drop_table>(&op)) {
    forget_table(*dropped);
    return true;
  }
  if (const auto* deletions = std::get_if<protocol::set_deletions>(&op)) {
    deletions_.set(deletions->accept ? deletion_policy::accept : deletion_policy::restore);
    return true;
  }
  if (const auto* threads = std::get_if<protocol::set_row_threads>(&op)) {
    changed_rows_.set(threads->of, threads->on && table_by_id(threads->of));
    return true;
  }
  if (std::holds_alternative<protocol::drop_database>(op)) {
    bool first = !dropped_.exchange(true);
    if (first && on_dropped_) on_dropped_();
    return true;
  }
  if (std::holds_alternative<protocol::end_restore>(op)) {
    restored_ = true;
    return true;
  }
  const auto* access = std::get_if<protocol::set_access>(&op);
  if (!access) return false;
  auto rules = protocol::access_rules::parse(access->json);
  DBCORD_ASSERT(rules.has_value());  // the log's reader, or set_access(), has parsed it
  std::lock_guard lock(tables_mutex_);
  access_ = std::move(*rules);
  return true;
}

// Its number and its channel are never used again; the name is free.
void database::forget_table(const protocol::drop_table& dropped) {
  {
    std::lock_guard lock(tables_mutex_);
    auto table = tables_by_id_.find(dropped.table);
    if (table == tables_by_id_.end()) return;
    tables_.erase(table->second->definition().name);
    for (auto channel : table->second->channels().all()) dropped_channels_.insert(channel);
    tables_by_id_.erase(table);
  }
  changed_rows_.set(dropped.table, false);
  drop_wake_.notify();
}

std::vector<base::channel_id> database::dropped_channels() const {
  std::lock_guard lock(tables_mutex_);
  return {dropped_channels_.begin(), dropped_channels_.end()};
}

// Runs as long as the database is open. A channel is forgotten when Discord no longer lists it.
dbcord::actor::task<void> database::delete_dropped_channels() {
  while (!stopping_) {
    auto dropped = dropped_channels();
    bool done = true;
    if (!dropped.empty()) done = co_await delete_channels(std::move(dropped));
    if (done) {
      co_await drop_wake_.wait();
    } else {
      co_await drop_wake_.wait_until(env(), env().after(drop_retry_pause));
    }
  }
}

dbcord::actor::task<bool> database::delete_channels(std::vector<base::channel_id> channels) {
  call_options options{priority::maintenance, env().after(request_time)};
  auto present = co_await store_.channels(options);
  if (!present) co_return false;
  bool all = true;
  std::string problem;
  for (auto id : channels) {
    auto same = [id](const channel_info& c) { return c.id == id; };
    bool there = std::any_of(present->value.begin(), present->value.end(), same);
    if (there && !stopping_) {
      call_options now{priority::maintenance, env().after(request_time)};
      auto deleted = co_await store_.delete_channel(id, now);
      there = !deleted && deleted.error().code != store_errc::not_found;
      if (there) {
        problem = deleted.error().message;
        env().log.warning("the channel of a dropped table could not be deleted yet",
                          {{"database", record_.name}, {"channel", id.value}, {"error", deleted.error().message}});
      }
    }
    all = all && !there;
    std::lock_guard lock(tables_mutex_);
    if (!there) dropped_channels_.erase(id);
  }
  std::lock_guard lock(tables_mutex_);
  deletion_problem_ = std::move(problem);
  co_return all;
}

// ---- the whole database ----

dbcord::actor::task<base::result<write_receipt>> database::drop(write_context context) {
  return write_own(protocol::drop_database(), std::move(context));
}

dbcord::actor::task<base::result<write_receipt>> database::end_restore(write_context context) {
  return write_own(protocol::end_restore(), std::move(context));
}

dbcord::actor::task<std::vector<base::channel_id>> database::forget_tables() {
  auto channels = bound_channels();
  for (const auto& table : all_tables()) co_await table->forget_everything();
  std::lock_guard lock(tables_mutex_);
  tables_.clear();
  tables_by_id_.clear();
  co_return channels;
}

// ---- who may do what ----

protocol::access_rules database::access() const {
  std::lock_guard lock(tables_mutex_);
  return access_;
}

dbcord::actor::task<base::result<write_receipt>> database::set_access(protocol::access_rules rules, write_context context) {
  return write_own(protocol::set_access{0, rules.json()}, std::move(context));
}

dbcord::actor::task<base::result<write_receipt>> database::write_own(protocol::operation op, write_context context) {
  if (auto closed = log_.closed_reason()) co_return *closed;
  auto start = [this, &op](write_context c) { return commit_own(op, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<write_result<committed_write>> database::commit_own(protocol::operation op, write_context context) {
  auto t = make_pending(++last_ticket_, context, env().now());
  t->body.operations.push_back(std::move(op));
  t->bytes = 256 + protocol::estimated_size(t->body);
  auto pushed = log_.queue().push(t);
  if (!pushed) co_return write_result<committed_write>(false, pushed.error());
  auto outcome = co_await t->outcome.get_until(env(), context.deadline);
  if (!outcome) co_return write_result<committed_write>(true, base::error(errc::outcome_unknown));
  if (!*outcome) co_return write_result<committed_write>(true, outcome->error());
  committed_write done;
  done.commit = outcome->value();
  co_return write_result<committed_write>(true, std::move(done));
}

// ---- looking ----

dbcord::actor::task<std::vector<std::string>> database::suggest(std::string table, suggestion what, std::string typed, std::size_t limit,
                                                                base::steady_time deadline) {
  auto target = find_table(table);
  if (!target) co_return std::vector<std::string>();
  auto found = co_await (*target)->suggest(what, std::move(typed), limit, deadline);
  co_return found ? std::move(*found) : std::vector<std::string>();
}

std::optional<std::string> database::locate(base::channel_id channel) const {
  std::lock_guard lock(tables_mutex_);
  for (const auto& [name, table] : tables_) {
    if (table->channels().contains(channel)) return name;
  }
  return std::nullopt;
}

}  // namespace dbcord::database
