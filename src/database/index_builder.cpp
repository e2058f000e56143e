#include "database/index_builder.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration backfill_request_time = 60s;
constexpr base::duration backfill_pause = 5s;
constexpr int room_attempts = 3;  // with that pause between, before an index fails for want of memory
constexpr std::string_view backfill_command = "index backfill";

}  // namespace

index_builder::index_builder(const actor::environment& env, std::string database)
    : env_(env), database_(std::move(database)), tasks_(env, "index builder") {}

index_builder::watcher_ptr index_builder::watch(const table_actor& table, watched what, const write_context& context) {
  auto w = std::make_shared<watcher>(watcher{std::move(what), context, {}});
  std::lock_guard lock(mutex_);
  if (stopping_) w->settled.set(false);  // the others were told when that began
  std::erase_if(watchers_, [](const auto& entry) { return entry.second.expired(); });
  watchers_.emplace(table.definition().table, w);
  return w;
}

void index_builder::start(table_ptr table) {
  if (stopping_) return;
  {
    std::lock_guard lock(mutex_);
    auto [it, is_new] = loops_.try_emplace(table->definition().table);
    if (!is_new) {
      it->second.again = true;
      return;
    }
  }
  tasks_.spawn(env_.make_strand(), run(std::move(table)));
}

void index_builder::request_stop() {
  stopping_ = true;
  std::lock_guard lock(mutex_);
  for (auto& [id, loop] : loops_) loop.wake.notify();
  for (auto& [id, w] : watchers_) {
    if (auto waiting = w.lock()) waiting->settled.set(false);
  }
}

actor::task<void> index_builder::join(base::steady_time deadline) { co_await tasks_.join(deadline); }

bool index_builder::ended(protocol::table_id table) {
  std::lock_guard lock(mutex_);
  auto it = loops_.find(table);
  if (std::exchange(it->second.again, false) && !stopping_) return false;
  loops_.erase(it);
  return true;
}

actor::task<void> index_builder::run(table_ptr table) {
  do {
    for (;;) {
      auto work = co_await table->next_building();
      if (!work || stopping_) break;
      co_await build(table, std::move(*work));
    }
    co_await alter(table);
  } while (!ended(table->definition().table));
}

actor::task<void> index_builder::build(table_ptr table, table_actor::index_work work) {
  auto id = table->definition().table;
  auto asked = watcher_of(id, work.field);
  if (asked) set_total(asked->context.progress, work.rows);
  std::string after;
  int short_of_room = 0;
  while (!stopping_) {
    if (co_await dropped_as_cancelled(table, work)) co_return;
    auto slice = co_await table->backfill(work.index, after);
    if (slice.gone) {
      tell(id, work.field);
      co_return;
    }
    bool short_again = !slice.no_room.empty() && ++short_of_room < room_attempts;
    if (short_again) {  // writes in flight take room, too
      co_await pause(table);
      continue;
    }
    if (!slice.no_room.empty()) slice.obstacle = std::move(slice.no_room);
    if (!slice.obstacle.empty()) {
      auto failed = co_await settle(table, work, false, std::move(slice.obstacle));
      if (failed == step::done) co_return;
      co_await pause(table);
      continue;
    }
    if (!slice.lacking.empty()) {
      auto brought_in = co_await bring_in(table, work, std::move(slice.lacking));
      if (!brought_in) co_return;
      continue;  // the same slice, which has them now
    }
    bool stands_still = slice.rows == 0 && !slice.ended && !slice.shared;
    if (stands_still) co_await pause(table);
    if (slice.rows > 0) short_of_room = 0;
    if (asked) add_done(asked->context.progress, slice.rows);
    if (slice.rows > 0) after = std::move(slice.last);
    if (!slice.ended && !slice.shared) continue;
    std::string none;
    auto settled = co_await settle(table, work, slice.ended, std::move(none));
    if (settled == step::done) co_return;
    if (slice.ended) co_await pause(table);
  }
}

actor::task<bool> index_builder::bring_in(table_ptr table, const table_actor::index_work& work, std::vector<std::string> lacking) {
  while (!lacking.empty()) {
    if (stopping_) co_return false;
    if (co_await dropped_as_cancelled(table, work)) co_return false;
    auto left = co_await table->read_lacking(lacking, env_.after(backfill_request_time));
    if (left) {
      lacking = std::move(*left);
      continue;
    }
    if (left.error().code == errc::damaged) {
      auto why = left.error().message;
      auto settled = co_await settle(table, work, false, std::move(why));
      if (settled == step::done) co_return false;
    }
    co_await pause(table);
  }
  co_return true;
}

actor::task<index_builder::step> index_builder::settle(table_ptr table, const table_actor::index_work& work, bool complete, std::string why) {
  auto id = table->definition().table;
  auto context = own_context(id, work.field);
  auto written = co_await table->settle_index(work.index, complete, std::move(why), std::move(context));
  if (!written.value) co_return step::retry;  // or it is gone, which the next slice shows
  auto status = co_await table->index_on(work.field);
  bool failed = status && status->state == index_state::failed;
  if (failed) {
    env_.log.warning("an index could not be built",
                     {{"database", database_}, {"table", table->definition().name}, {"field", work.field}, {"why", status->why}});
  }
  tell(id, work.field);
  co_return step::done;
}

// It is as if it had never been asked for.
actor::task<bool> index_builder::dropped_as_cancelled(table_ptr table, const table_actor::index_work& work) {
  auto id = table->definition().table;
  auto asked = watcher_of(id, work.field);
  if (!asked || !is_cancelled(asked->context.progress)) co_return false;
  auto context = own_context(id, work.field);
  auto dropped = co_await table->drop_index(work.field, std::move(context));
  if (!dropped.value) {
    co_await pause(table);  // then it is tried again
    co_return false;
  }
  tell(id, work.field);
  co_return true;
}

actor::task<void> index_builder::pause(table_ptr table) {
  actor::event wake;
  {
    std::lock_guard lock(mutex_);
    wake = loops_.at(table->definition().table).wake;
  }
  if (!stopping_) co_await wake.wait_until(env_, env_.after(backfill_pause));
}

index_builder::watcher_ptr index_builder::watcher_of(protocol::table_id table, const watched& what) {
  std::lock_guard lock(mutex_);
  auto [it, end] = watchers_.equal_range(table);
  for (; it != end; ++it) {
    auto w = it->second.lock();
    if (w && w->what == what && !w->settled.is_set()) return w;
  }
  return nullptr;
}

// Its records name whoever asked for the index, if he still waits.
write_context index_builder::own_context(protocol::table_id table, const watched& what) {
  write_context context;
  context.command = backfill_command;
  if (auto w = watcher_of(table, what)) {
    context.who = w->context.who;
    context.command = w->context.command;
  }
  context.deadline = env_.after(backfill_request_time);
  return context;
}

void index_builder::tell(protocol::table_id table, const watched& what) {
  std::lock_guard lock(mutex_);
  auto [it, end] = watchers_.equal_range(table);
  for (; it != end; ++it) {
    auto w = it->second.lock();
    if (w && w->what == what) w->settled.set(true);
  }
}

}  // namespace dbcord::database
