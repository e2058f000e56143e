#pragma once
// server_clock: a clock whose wall time is the server's, as far as its answers tell (their Date). Whoever compares times of messages, which are the server's,
// with "now" must not depend on how well a machine's clock is set: a command would be taken for an old one, a version of the history for one that may go.
// Any thread.

#include <atomic>
#include <mutex>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/logger.hpp"

namespace dbcord::discord {

class server_clock final : public base::clock {
 public:
  // Until an answer comes it shows what the machine's clock showed when it was made, and what has passed since.
  server_clock(const base::clock& machine, base::logger& log);

  base::steady_time now() const override { return machine_.now(); }
  base::system_time wall_now() const override { return wall_at(machine_.now()); }

  // An answer with that Date (whole seconds) came just now to a request that was sent at `asked`: the server's time is between the Date and what has passed since
  // behind the second that it names. What is shown is moved into that interval, no further: a slow answer says little.
  void note(base::system_time date, base::steady_time asked);
  // An answer has said what time it is.
  bool is_known() const { return known_; }

 private:
  base::system_time wall_at(base::steady_time t) const { return begun_wall_ + (t - begun_) + base::duration(correction_.load()); }

  const base::clock& machine_;
  base::logger& log_;
  base::steady_time begun_;
  base::system_time begun_wall_;
  std::atomic<base::duration::rep> correction_{0};
  std::atomic<bool> known_{false};
  std::mutex mutex_;  // of those who note
  bool warned_ = false;
};

}  // namespace dbcord::discord
