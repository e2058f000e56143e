#pragma once
// The machine's clocks and timers: the only place in dbcord that reads them. Any thread.

#include <memory>

#include "actor/environment.hpp"

namespace dbcord::actor {

// now() goes on while the machine is suspended, as std::chrono::steady_clock does not: times of the one mean nothing to the other.
class real_clock final : public base::clock {
 public:
  base::steady_time now() const override;
  base::system_time wall_now() const override;
};

// Runs due callbacks on the io_context. shut_down() before the io_context goes; nothing fires after it.
class real_timers final : public timer_service {
 public:
  explicit real_timers(asio::io_context& context);
  ~real_timers() override;
  timer_id schedule(base::steady_time when, callback fire) override;
  bool cancel(timer_id id) override;
  void shut_down();

 private:
  class driver;
  std::shared_ptr<driver> driver_;
};

}  // namespace dbcord::actor
