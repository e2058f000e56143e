#pragma once
// wait_slot: the place where one coroutine sleeps until it is woken, a deadline passes, or it is cancelled.
// The building block of promise, event, gate and async_mutex. Any thread; shared by pointer between the waiting and
// the waking side. At most one coroutine waits at a time. A coroutine that still waits when its io_context goes is
// destroyed then (parking_lot).

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context_as.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <mutex>

#include "actor/environment.hpp"
#include "actor/no_suspend.hpp"
#include "actor/parking_lot.hpp"
#include "dbcord/base/assert.hpp"
#include "dbcord/base/unique_function.hpp"

namespace dbcord::actor {

class wait_slot : public std::enable_shared_from_this<wait_slot> {
 public:
  // Wakes the waiter; remembered if nobody waits yet.
  void wake() {
    base::unique_function<void()> waiter;
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
      waiter = unpark();
    }
    if (waiter) waiter();
  }

  // Returns when woken (true) or when the deadline has passed (false); consumes the wake-up.
  static task<bool> wait_until(std::shared_ptr<wait_slot> self, const environment& env, base::steady_time deadline) {
    auto timer = env.timers.schedule(deadline, [weak = std::weak_ptr(self)] {
      if (auto slot = weak.lock()) slot->resume_without_waking();
    });
    bool woken = co_await wait(self);
    env.timers.cancel(timer);
    co_return woken;
  }

  static task<bool> wait(std::shared_ptr<wait_slot> self) {
    check_may_suspend();
    // A plain pointer: GCC 12 destroys a closure in a co_await expression twice.
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
        [slot = self.get()](auto handler) { slot->park(std::move(handler)); }, asio::use_awaitable);
    std::lock_guard lock(self->mutex_);
    bool woken = self->woken_;
    self->woken_ = self->expired_ = false;
    co_return woken;
  }

 private:
  friend class parking_lot;

  base::unique_function<void()> take_waiter() {
    std::lock_guard lock(mutex_);
    return unpark();
  }

  // Under mutex_.
  base::unique_function<void()> unpark() {
    if (waiter_) lot_->leave(*this);
    return std::move(waiter_);
  }

  void resume_without_waking() {
    base::unique_function<void()> waiter;
    {
      std::lock_guard lock(mutex_);
      waiter = unpark();
      if (!waiter) expired_ = true;  // the deadline passed before the coroutine had parked
    }
    if (waiter) waiter();
  }

  template <class Handler>
  void park(Handler handler) {
    auto executor = asio::get_associated_executor(handler);
    asio::execution_context& context =
        asio::query(executor, asio::execution::context_as<asio::execution_context&>);
    base::unique_function<void()> resume = [executor, h = std::move(handler)]() mutable {
      asio::post(executor, std::move(h));
    };
    {
      std::lock_guard lock(mutex_);
      DBCORD_ASSERT(!waiter_);
      if (!woken_ && !expired_) {
        waiter_ = std::move(resume);
        lot_ = &asio::use_service<parking_lot>(context);
        lot_->enter(*this);
        return;
      }
    }
    resume();
  }

  std::mutex mutex_;
  bool woken_ = false;
  bool expired_ = false;
  base::unique_function<void()> waiter_;
  parking_lot* lot_ = nullptr;  // where the waiter is parked
  wait_slot* next_ = nullptr;   // under the lot's mutex
  wait_slot* previous_ = nullptr;
};

}  // namespace dbcord::actor
