#pragma once
// import_shares: of what imports may have waiting for the log, and in memory until it is written, each chunk takes a share, first come, first served; the next one waits
// until there is one for it. Any thread.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "actor/promise.hpp"

namespace dbcord::database {

class import_shares {
 public:
  static constexpr std::uint64_t whole = 1'000'000;

  // Kept when the share is taken; it must be given back. What is more than the whole waits for all of it.
  actor::promise<bool> take(std::uint64_t share) {
    actor::promise<bool> turn;
    std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::min(share, whole), turn);
    admit();
    return turn;
  }
  void give_back(std::uint64_t share) {
    std::lock_guard lock(mutex_);
    taken_ -= std::min(share, whole);
    admit();
  }

 private:
  void admit() {
    while (!waiting_.empty() && taken_ + waiting_.front().first <= whole) {
      taken_ += waiting_.front().first;
      waiting_.front().second.set(true);
      waiting_.pop_front();
    }
  }

  std::mutex mutex_;
  std::uint64_t taken_ = 0;
  std::deque<std::pair<std::uint64_t, actor::promise<bool>>> waiting_;
};

}  // namespace dbcord::database
