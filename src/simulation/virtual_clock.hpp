#pragma once
// virtual_clock: the time of a simulated world, as the clock port shows it to one process. Steady and wall time advance
// together, only when the world jumps; the wall clock of a process may be wrong by a fixed skew, and both stand still with a machine that
// its hypervisor stops. Owned by the process; the world outlives it. One thread (the world's).

#include "dbcord/base/clock.hpp"

namespace dbcord::simulation {

// What every world's clocks show at first.
inline constexpr base::steady_time steady_origin{std::chrono::hours(1)};
inline constexpr base::system_time wall_origin{std::chrono::seconds(1785542400)};  // 2026-08-01T00:00:00Z

constexpr base::system_time wall_at(base::steady_time when) { return wall_origin + (when - steady_origin); }

class virtual_clock final : public base::clock {
 public:
  explicit virtual_clock(const base::steady_time& now, base::duration skew = {}) : now_(now), skew_(skew) {}
  base::steady_time now() const override { return now_ - stood_still_; }
  base::system_time wall_now() const override { return wall_at(now()) + skew_; }
  void stand_still(base::duration d) { stood_still_ += d; }
  // When it is that time here.
  base::steady_time in_world(base::steady_time mine) const {
    return mine > base::steady_time::max() - stood_still_ ? base::steady_time::max() : mine + stood_still_;
  }

 private:
  const base::steady_time& now_;
  base::duration skew_;
  base::duration stood_still_{};
};

}  // namespace dbcord::simulation
