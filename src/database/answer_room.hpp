#pragma once
// answer_room: how many bytes of values all finds of an engine may hold at once, from when one begins until what it found was sent. Whoever may need much waits until
// there is room, first come, first served; small ones pass. Any thread; shared by those who hold room.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "actor/promise.hpp"
#include "database/work_progress.hpp"

namespace dbcord::database {

class answer_room : public std::enable_shared_from_this<answer_room> {
 public:
  static constexpr std::uint64_t small = 256 * 1024;  // passes at once, uncounted
  explicit answer_room(std::uint64_t cap) : cap_(cap) {}

  using held = std::shared_ptr<const void>;  // gives the room back when the last copy goes

  // Null: not in time, or it was cancelled. What is more than all the room waits for all of it.
  actor::task<held> enter(std::uint64_t bytes, const actor::environment& env, base::steady_time deadline, work_progress_ptr progress) {
    if (bytes <= small) co_return std::make_shared<char>();
    bytes = std::min(bytes, cap_);
    auto turn = wait_for(bytes);
    if (progress && !turn.is_set()) progress->behind = "other large answers are made first";
    bool mine = false;
    while (!mine && env.now() < deadline && !is_cancelled(progress)) {
      auto until = std::min(deadline, env.after(cancel_seen_every));
      mine = (co_await turn.get_until(env, until)).has_value();
    }
    if (progress) progress->behind = nullptr;
    if (!mine && give_up(turn)) co_return nullptr;
    auto self = shared_from_this();
    co_return held(this, [self, bytes](const void*) { self->give_back(bytes); });
  }

 private:
  static constexpr base::duration cancel_seen_every = std::chrono::seconds(1);
  struct waiting {
    std::uint64_t bytes = 0;
    actor::promise<bool> turn;
  };

  actor::promise<bool> wait_for(std::uint64_t bytes) {
    actor::promise<bool> turn;
    std::lock_guard lock(mutex_);
    waiting_.push_back({bytes, turn});
    admit();
    return turn;
  }
  // False: its turn has come meanwhile.
  bool give_up(const actor::promise<bool>& turn) {
    std::lock_guard lock(mutex_);
    if (turn.is_set()) return false;
    std::erase_if(waiting_, [&turn](const waiting& w) { return w.turn.same_as(turn); });
    admit();
    return true;
  }
  void give_back(std::uint64_t bytes) {
    std::lock_guard lock(mutex_);
    taken_ -= bytes;
    admit();
  }
  void admit() {
    while (!waiting_.empty() && taken_ + waiting_.front().bytes <= cap_) {
      taken_ += waiting_.front().bytes;
      waiting_.front().turn.set(true);
      waiting_.pop_front();
    }
  }

  const std::uint64_t cap_;
  std::mutex mutex_;
  std::uint64_t taken_ = 0;
  std::deque<waiting> waiting_;
};

}  // namespace dbcord::database
