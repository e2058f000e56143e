#pragma once
// publication: keeps readers from seeing a commit group in one table and not yet in another (design.md section 5, step 3): a read that
// meets a group being applied is answered when every table has applied it. Any thread.

#include <mutex>
#include <vector>

#include "actor/promise.hpp"

namespace dbcord::database {

class publication {
 public:
  void begin() {
    std::lock_guard lock(mutex_);
    applying_ = true;
  }
  void end() {
    std::vector<actor::promise<bool>> waiting;
    {
      std::lock_guard lock(mutex_);
      applying_ = false;
      waiting.swap(waiting_);
    }
    for (auto& w : waiting) w.set(true);
  }
  // To be awaited between a read and its answer.
  actor::task<void> settled() {
    actor::promise<bool> turn;
    {
      std::lock_guard lock(mutex_);
      if (!applying_) co_return;
      waiting_.push_back(turn);
    }
    co_await turn.get();
  }

 private:
  std::mutex mutex_;
  bool applying_ = false;
  std::vector<actor::promise<bool>> waiting_;
};

}  // namespace dbcord::database
