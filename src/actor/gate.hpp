#pragma once
// gate: counts work in progress and lets its owner refuse new work and wait for the rest (after Seastar's gate).
// Any thread. Destroying a gate that work still holds is a bug and aborts. close() is awaited by one coroutine.

#include <optional>

#include "actor/event.hpp"

namespace dbcord::actor {

class gate {
 public:
  class holder {
   public:
    explicit holder(gate& g) : gate_(&g) {}
    holder(holder&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    holder& operator=(holder&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~holder() {
      if (gate_) gate_->leave();
    }

   private:
    gate* gate_;
  };

  explicit gate(std::size_t limit = static_cast<std::size_t>(-1)) : limit_(limit) {}
  ~gate() { DBCORD_ASSERT(count_ == 0); }
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;

  // Empty when the gate is closed or `limit` holders are inside.
  std::optional<holder> enter() {
    std::lock_guard lock(mutex_);
    if (closed_ || count_ >= limit_) return std::nullopt;
    ++count_;
    return std::optional<holder>(std::in_place, *this);
  }

  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return count_;
  }
  bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  // Refuses new holders from now on.
  void shut() {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }

  // shut(), then waits until all have left (true) or the deadline passes (false).
  task<bool> close(const environment& env, base::steady_time deadline) {
    shut();
    while (count() != 0) {
      if (env.now() >= deadline) co_return false;
      co_await empty_.wait_until(env, deadline);
    }
    co_return true;
  }

 private:
  void leave() {
    bool last = false;
    {
      std::lock_guard lock(mutex_);
      last = --count_ == 0;
    }
    if (last) empty_.notify();
  }

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::size_t count_ = 0;
  bool closed_ = false;
  event empty_;
};

}  // namespace dbcord::actor
