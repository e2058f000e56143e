#pragma once
// fair_shares: so much of something is given out at once, first come, first served; the next one waits until there is a share for it. Any thread. Of what imports may have
// waiting for the log, and in memory until it is written, each chunk takes a share; of the bytes that large answers hold each find does (answer_room).

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include "actor/promise.hpp"

namespace dbcord::database {

class fair_shares {
 public:
  static constexpr std::uint64_t whole = 1'000'000;  // where shares are parts of it
  explicit fair_shares(std::uint64_t all = whole) : all_(all) {}

  // Kept when the share is taken; it must be given back. What is more than all there is waits for all of it.
  actor::promise<bool> take(std::uint64_t share) {
    actor::promise<bool> turn;
    std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::min(share, all_), turn);
    admit();
    return turn;
  }
  void give_back(std::uint64_t share) {
    std::lock_guard lock(mutex_);
    taken_ -= std::min(share, all_);
    admit();
  }
  // Whoever waits for that turn waits no longer. False: it has come meanwhile, so the share must be given back.
  bool give_up(const actor::promise<bool>& turn) {
    std::lock_guard lock(mutex_);
    if (turn.is_set()) return false;
    std::erase_if(waiting_, [&turn](const auto& w) { return w.second.same_as(turn); });
    admit();
    return true;
  }

 private:
  void admit() {
    while (!waiting_.empty() && taken_ + waiting_.front().first <= all_) {
      taken_ += waiting_.front().first;
      waiting_.front().second.set(true);
      waiting_.pop_front();
    }
  }

  const std::uint64_t all_;
  std::mutex mutex_;
  std::uint64_t taken_ = 0;
  std::deque<std::pair<std::uint64_t, actor::promise<bool>>> waiting_;
};

}  // namespace dbcord::database
