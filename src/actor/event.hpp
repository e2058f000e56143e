#pragma once
// event: wakes the one coroutine that waits for it; a notification before the wait is not lost, several before it
// count as one. What every long-lived loop of an actor sleeps on. Any thread.

#include "actor/wait_slot.hpp"

namespace dbcord::actor {

class event {
 public:
  void notify() const { slot_->wake(); }
  task<bool> wait() const { return wait_slot::wait(slot_); }
  // True when notified, false when the deadline passed.
  task<bool> wait_until(const environment& env, base::steady_time deadline) const {
    return wait_slot::wait_until(slot_, env, deadline);
  }

 private:
  std::shared_ptr<wait_slot> slot_ = std::make_shared<wait_slot>();
};

// Sleeps that nothing interrupts but the end of the process; loops that must stop early wait on an event.
inline task<void> sleep_until(const environment& env, base::steady_time when) {
  co_await wait_slot::wait_until(std::make_shared<wait_slot>(), env, when);
}
inline task<void> sleep_for(const environment& env, base::duration d) {
  co_await sleep_until(env, env.after(d));
}

}  // namespace dbcord::actor
