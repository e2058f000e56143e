#pragma once
// supervisor: waits until the process is to end (a signal, or a part that cannot go on), then stops the parts in order within
// a deadline. Owned by serve and guild, runs on the control environment's one thread; end() from any thread.
// What still hangs a while after the deadline (a request that nobody answers) is cut off: the process ends as it is, which
// loses nothing that was acknowledged.

#include <atomic>
#include <functional>
#include <string>

#include "actor/promise.hpp"
#include "app/runtime.hpp"
#include "app/stop_signals.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::app {

inline constexpr base::duration drain_limit = std::chrono::seconds(10);
inline constexpr base::duration cut_off_after = std::chrono::seconds(3);  // beyond drain_limit
// The same where the guild has gone with which everything would be ended.
inline constexpr base::duration hopeless_drain_limit = std::chrono::milliseconds(500);
inline constexpr base::duration hopeless_cut_off_after = std::chrono::seconds(1);

class supervisor {
 public:
  // Signals are caught from here on.
  explicit supervisor(base::logger& log);

  // The first reason counts. An error's sentence goes to standard error.
  void end(base::result<void> reason) { ended_.set(std::move(reason)); }
  // Of a failure after which nobody answers any more: nothing is waited for.
  void end_soon(base::error why) {
    hopeless_ = true;
    end(std::move(why));
  }
  const actor::environment& env() const { return control_.env(); }

  // Blocks until the end. `stop` is awaited then, with the deadline. 0 if the end was asked for, 1 if it was a failure.
  int run(std::function<actor::task<void>(base::steady_time deadline)> stop);

 private:
  void cut_off_later(int status, base::duration after);
  actor::task<int> supervise(std::function<actor::task<void>(base::steady_time)>& stop);

  base::logger& log_;
  runtime control_;
  actor::promise<base::result<void>> ended_;
  std::atomic<bool> hopeless_{false};
  stop_signals signals_;
};

}  // namespace dbcord::app
