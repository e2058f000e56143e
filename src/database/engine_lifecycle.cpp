// The part of engine_impl by which whole databases go (their drop, and what is left to do for it by any later process), and come to be restored into.

#include <fmt/format.h>

#include "database/database_removal.hpp"
#include "database/engine_impl.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration dropped_close_limit = 30s;    // for what a dropped database still has to finish
constexpr base::duration removal_request_time = 60s;
constexpr base::duration removal_retry_pause = 5s;

}  // namespace

std::string engine_impl::interrupted_sentence(const std::string& name) {
  return fmt::format("its restore was interrupted, so it is not whole: drop it with /dbc_database_drop database:{}, or restore it again", name);
}

// ---- dropping ----

actor::task<base::result<write_receipt>> engine_impl::drop_database(std::string name, write_context context) {
  auto db = find_any(name);
  if (!db) co_return db.error();
  if (!context.expected_id.empty() && context.expected_id != (*db)->record().id) {
    auto sentence = fmt::format("the database {} that this was asked about was dropped since, and another one has its name; nothing was deleted", name);
    co_return base::error(errc::conflict, std::move(sentence));
  }
  auto deadline = context.deadline;
  auto done = co_await (*db)->drop(std::move(context));
  if (!done) co_return done.error();
  co_await name_is_free(name, deadline);
  co_return done;
}

// Until the catalog says that the database is dropped, another one of its name might be taken for it.
actor::task<void> engine_impl::name_is_free(std::string name, base::steady_time deadline) {
  actor::promise<bool> freed;
  {
    std::lock_guard lock(mutex_);
    auto it = dropping_.find(name);
    if (it == dropping_.end()) co_return;
    it->second.push_back(freed);
  }
  (void)co_await freed.get_until(env_, deadline);  // late: whoever wants the name is told
}

// Called when its log says that it is dropped: from that moment on nobody finds it.
bool engine_impl::retire(const database_ptr& db) {
  std::lock_guard lock(mutex_);
  if (closing_) return false;  // the next process goes on
  auto it = open_.find(db->name());
  if (it != open_.end() && it->second == db) open_.erase(it);
  unfinished_.erase(db->name());
  failed_.erase(db->name());  // an earlier attempt to open it, before the drop was read
  retired_.push_back(db);
  dropping_.try_emplace(db->name());
  // Under the lock, so that close() finds it either here or there; it waits for the log's loops before it looks at anything of the engine's.
  return removals_.spawn(env_.make_strand(), remove_database(db));
}

actor::task<void> engine_impl::remove_database(database_ptr db) {
  co_await db->close(env_.after(dropped_close_limit));
  auto bound = co_await db->forget_tables();
  auto wake = closing_wake();
  auto named = co_await name_channels(db, std::move(bound), wake);
  std::vector<actor::promise<bool>> waiting;
  {
    std::lock_guard lock(mutex_);
    waiting = std::exchange(dropping_[db->name()], {});
    dropping_.erase(db->name());
  }
  for (const auto& w : waiting) w.set(true);
  if (!named) co_return;
  env_.log.info("database dropped", {{"database", db->name()}, {"channels", named->channels.size()}});
  // Whoever starts now and is shown the catalog as it was must still find the log.
  if (!options_.exclusive_by_lock) co_await wake.wait_until(env_, env_.after(until_shown()));
  co_await delete_database(std::move(*named), db->record().catalog, wake);
}

// Empty: the process ends before it is done.
actor::task<std::optional<dropped_record>> engine_impl::name_channels(database_ptr db, std::vector<base::channel_id> bound, actor::event wake) {
  const auto& record = db->record();
  while (!closing()) {
    auto present = co_await directory_.list(env_.after(removal_request_time));
    if (present) {
      dropped_record dropped{record.id, record.name, channels_of_database(present->value, record.id, bound)};
      auto written = co_await write_dropped(env_, store_, record.catalog, dropped, env_.after(removal_request_time));
      // Without a catalog nobody takes it for a database any more.
      if (written || written.error().code == store_errc::not_found) co_return dropped;
      env_.log.warning("a dropped database is not marked as such yet", {{"database", record.name}, {"error", written.error().message}});
    }
    co_await wake.wait_until(env_, env_.after(removal_retry_pause));
  }
  co_return std::nullopt;
}

actor::task<void> engine_impl::delete_database(dropped_record record, base::channel_id catalog, actor::event wake) {
  while (!closing()) {
    bool gone = co_await delete_named_channels(env_, store_, catalog, record, env_.after(removal_request_time));
    if (gone) gone = co_await delete_its_categories(record.name, catalog);
    if (gone) gone = co_await delete_channel_for_good(env_, store_, catalog, env_.after(removal_request_time));
    if (gone) co_return;
    co_await wake.wait_until(env_, env_.after(removal_retry_pause));
  }
}

// Not while a database of that name is being made, nor when there is one: it uses them.
actor::task<bool> engine_impl::delete_its_categories(std::string name, base::channel_id catalog) {
  auto turn = co_await creating_.lock();
  {
    std::lock_guard lock(mutex_);
    if (open_.contains(name) || failed_.contains(name)) co_return true;
  }
  co_return co_await delete_empty_categories(env_, store_, catalog, name, env_.after(removal_request_time));
}

void engine_impl::finish_drop(dropped_record record, base::channel_id catalog) {
  env_.log.info("a dropped database is still being deleted", {{"database", record.name}});
  (void)removals_.spawn(env_.make_strand(), delete_database(std::move(record), catalog, closing_wake()));
}

actor::event engine_impl::closing_wake() {
  std::lock_guard lock(mutex_);
  return closing_wakes_.emplace_back();
}

bool engine_impl::closing() const {
  std::lock_guard lock(mutex_);
  return closing_;
}

// ---- restoring ----

std::optional<unfinished_restore> engine_impl::restoring(std::string name) const {
  std::lock_guard lock(mutex_);
  auto it = unfinished_.find(name);
  return it == unfinished_.end() ? std::nullopt : std::optional(it->second);
}

actor::task<base::result<database_summary>> engine_impl::begin_restore(std::string name, write_context context) {
  bool filling = false;
  {
    std::lock_guard lock(mutex_);
    filling = filling_.contains(name);
  }
  if (filling) co_return base::error(errc::already_exists, fmt::format("database {} is being restored already", name));
  co_return co_await make_for_restore(std::move(name), std::move(context));
}

actor::task<base::result<database_summary>> engine_impl::make_for_restore(std::string name, write_context context) {
  if (auto before = restoring(name)) {
    if (!before->interrupted && before->who != context.who) {
      co_return base::error(errc::already_exists, fmt::format("database {} is being restored by somebody else already", name));
    }
    auto dropping = context;
    if (!dropping.idempotency_key.empty()) dropping.idempotency_key += ":drop";
    auto dropped = co_await drop_database(name, std::move(dropping));
    if (!dropped) co_return dropped.error();
  }
  co_return co_await make_database(std::move(name), std::move(context), true);
}

// A database of that name belongs to one restore by this process at a time, whatever becomes of it meanwhile.
bool engine_impl::claim_restore(const std::string& name) {
  std::lock_guard lock(mutex_);
  return filling_.insert(name).second;
}

void engine_impl::end_claim(const std::string& name) {
  std::lock_guard lock(mutex_);
  filling_.erase(name);
}

actor::task<base::result<void>> engine_impl::end_restore(std::string name, write_context context) {
  auto db = find_any(name);
  if (!db) co_return db.error();
  if (!(*db)->restoring()) co_return base::result<void>();
  auto state = restoring(name);
  if (state && state->interrupted) co_return base::error(errc::unavailable, fmt::format("database {}: {}", name, interrupted_sentence(name)));
  auto done = co_await (*db)->end_restore(std::move(context));
  if (!done) co_return done.error();
  std::lock_guard lock(mutex_);
  unfinished_.erase(name);
  co_return base::result<void>();
}

// It stays as it is, and nobody takes it for whole.
void engine_impl::give_up_restore(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (auto it = open_.find(name); it != open_.end()) unfinished_[name] = {{}, true, it->second->record().id};
}

}  // namespace dbcord::database
