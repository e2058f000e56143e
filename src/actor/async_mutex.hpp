#pragma once
// async_mutex: first come, first served, for a critical section that must span suspensions. Prefer an explicit queue
// or state (style.md rule 12). Any thread.

#include <deque>

#include "actor/promise.hpp"

namespace dbcord::actor {

class async_mutex {
 public:
  class guard {
   public:
    explicit guard(async_mutex& m) : mutex_(&m) {}
    guard(guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    guard& operator=(guard&&) = delete;
    ~guard() {
      if (mutex_) mutex_->unlock();
    }

   private:
    async_mutex* mutex_;
  };

  task<guard> lock() {
    std::optional<promise<bool>> turn;
    {
      std::lock_guard lock(mutex_);
      if (locked_) waiting_.push_back(turn.emplace());
      locked_ = true;
    }
    if (turn) co_await turn->get();
    co_return guard(*this);
  }

 private:
  void unlock() {
    std::optional<promise<bool>> next;
    {
      std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        locked_ = false;
      } else {
        next = waiting_.front();
        waiting_.pop_front();
      }
    }
    if (next) next->set(true);
  }

  std::mutex mutex_;
  bool locked_ = false;
  std::deque<promise<bool>> waiting_;
};

}  // namespace dbcord::actor
