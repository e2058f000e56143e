#pragma once
// virtual_timers: the timer port of one simulated process: a queue ordered by (deadline, sequence) that the world
// empties when its time gets there. Nothing fires after drop_all(). One thread (the world's).

#include "actor/timer_queue.hpp"

namespace dbcord::simulation {

class virtual_timers final : public actor::timer_service {
 public:
  timer_id schedule(base::steady_time when, callback fire) override { return queue_.push(when, std::move(fire)); }
  bool cancel(timer_id id) override { return queue_.erase(id); }

  std::optional<base::steady_time> next() const { return queue_.next(); }
  callback pop_due(base::steady_time now) { return queue_.pop_due(now); }
  void drop_all() {
    // What is destroyed here may cancel timers of this very queue: it must find it empty, not half destroyed.
    actor::timer_queue dropped;
    std::swap(dropped, queue_);
  }

 private:
  actor::timer_queue queue_;
};

}  // namespace dbcord::simulation
