#pragma once
// answer_room: how many bytes of values all finds of an engine may hold at once, from when one begins until what it found was sent. Whoever may need much waits until
// there is room, as for fair_shares; small ones pass. Any thread; shared by those who hold room.

#include <algorithm>
#include <cstdint>
#include <memory>

#include "database/fair_shares.hpp"
#include "database/work_progress.hpp"

namespace dbcord::database {

class answer_room : public std::enable_shared_from_this<answer_room> {
 public:
  static constexpr std::uint64_t small = 256 * 1024;  // passes at once, uncounted
  explicit answer_room(std::uint64_t cap) : bytes_(cap) {}

  using held = std::shared_ptr<const void>;  // gives the room back when the last copy goes

  // Null: not in time, or it was cancelled. What is more than all the room waits for all of it.
  actor::task<held> enter(std::uint64_t bytes, const actor::environment& env, base::steady_time deadline, work_progress_ptr progress) {
    if (bytes <= small) co_return std::make_shared<char>();
    auto turn = bytes_.take(bytes);
    if (progress && !turn.is_set()) progress->behind = "other large answers are made first";
    bool mine = false;
    while (!mine && env.now() < deadline && !is_cancelled(progress)) {
      auto until = std::min(deadline, env.after(cancel_seen_every));
      mine = (co_await turn.get_until(env, until)).has_value();
    }
    if (progress) progress->behind = nullptr;
    if (!mine && bytes_.give_up(turn)) co_return nullptr;
    auto self = shared_from_this();
    co_return held(this, [self, bytes](const void*) { self->bytes_.give_back(bytes); });
  }

 private:
  static constexpr base::duration cancel_seen_every = std::chrono::seconds(1);

  fair_shares bytes_;
};

}  // namespace dbcord::database
