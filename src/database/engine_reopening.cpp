// The part of engine_impl that opens databases which could not be opened when the process started: Discord did not answer, a permission was
// missing, a lease ran. Somebody else may hold such a database and nothing else, so trying again also ends one of two processes that share the commands.

#include <algorithm>

#include "database/engine_impl.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration first_pause = 15s;
constexpr base::duration longest_pause = 5min;
constexpr base::duration attempt_time = 2min;  // the last writer's lease, and reading the log

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
  auto opened = co_await open_known(record, deadline, std::move(*present));
  if (!opened || restoring(record.name)) co_return opened;
  co_return co_await check_declared(record.name, deadline);
}

}  // namespace dbcord::database
