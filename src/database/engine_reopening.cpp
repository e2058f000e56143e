// The part of engine_impl that opens databases which could not be opened when the process started: Discord did not answer, a permission was
// missing, a lease ran. Somebody else may hold such a database and nothing else, so trying again also ends one of two processes that share the commands.
// And that finds databases which another process has made since: two that were started where there was none yet share the commands until one of them looks.

#include <algorithm>

#include "database/engine_impl.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration first_pause = 15s;
constexpr base::duration longest_pause = 5min;
constexpr base::duration attempt_time = 2min;  // the last writer's lease, and reading the log
constexpr base::duration look_for_list_time = 3s;       // for a list of databases, which memory has, too

}  // namespace

bool engine_impl::may_open_later(const base::error& e) { return e.code != errc::damaged && e.code != errc::schema_violation && e.code != errc::fenced; }

void engine_impl::try_again_later(creation_record record) {
  (void)reopenings_.spawn(env_.make_strand(), reopen(std::move(record), closing_wake()));  // not started: the process ends
}

actor::task<void> engine_impl::reopen(creation_record record, actor::event wake) {
  for (auto pause = first_pause;; pause = std::min<base::duration>(2 * pause, longest_pause)) {
    co_await wake.wait_until(env_, env_.after(pause));
    if (closing()) co_return;
    auto opened = co_await open_again(record);
    if (opened || closing()) co_return;
    env_.log.warning("database still not opened", {{"database", record.name}, {"error", opened.error().message}});
    if (opened.error().code == errc::fenced) {
      if (options_.on_fenced) options_.on_fenced(opened.error());
      co_return;
    }
    {
      std::lock_guard lock(mutex_);
      failed_[record.name] = opened.error().message;
    }
    if (!may_open_later(opened.error())) co_return;
  }
}

actor::task<base::result<void>> engine_impl::open_again(creation_record record) {
  auto deadline = env_.after(attempt_time);
  auto present = co_await directory_.list(deadline);
  if (!present) co_return present.error();
  co_return co_await open_known(std::move(record), deadline, std::move(*present));
}

bool engine_impl::is_known(const std::string& name) const {
  std::lock_guard lock(mutex_);
  return closing_ || open_.contains(name) || failed_.contains(name) || dropping_.contains(name) || unfinished_.contains(name);
}

// A list is shown from memory where Discord does not answer.
actor::task<base::result<void>> engine_impl::look_for(std::string name, base::steady_time deadline) {
  if (options_.exclusive_by_lock || is_known(name)) co_return base::result<void>();  // else nobody else makes any
  auto turn = co_await creating_.lock();
  if (is_known(name)) co_return base::result<void>();
  auto limit = name.empty() ? std::min(deadline, env_.after(look_for_list_time)) : deadline;
  auto present = co_await directory_.list(limit);
  auto found = base::result<discovery>(discovery());
  if (present) found = co_await discover(present->value, limit);
  if (!present || !found) {
    auto why = present ? found.error() : present.error();
    if (!name.empty()) co_return why;
    env_.log.warning("databases of other processes were not looked for", {{"error", why.message}});
    co_return base::result<void>();
  }
  for (auto& d : found->databases) {
    bool wanted = d.record && (name.empty() || d.name == name) && !is_known(d.name);
    if (!wanted) continue;
    auto opened = co_await open_found(std::move(*d.record), deadline, *present);
    if (!opened) co_return opened;
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> engine_impl::open_found(creation_record record, base::steady_time deadline, dated<std::vector<channel_info>> present) {
  env_.log.info("another process has made a database", {{"database", record.name}});
  auto opened = co_await open_known(record, deadline, std::move(present));
  if (opened) co_return opened;
  if (opened.error().code == errc::fenced) {
    if (options_.on_fenced) options_.on_fenced(opened.error());
    co_return opened;
  }
  note_failed(record.name, opened.error());
  if (may_open_later(opened.error())) try_again_later(std::move(record));
  co_return opened;
}

}  // namespace dbcord::database
