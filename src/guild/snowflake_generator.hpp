#pragma once
// Mints ids that rise strictly, also when the clock steps back and after a restart (Discord docs, Reference,
// Snowflakes: bits 63-22 are milliseconds, 16 of the lower bits tell ids of one millisecond apart), but for those
// of a worker whose clock is behind (a fault). Owned by the guild's state; one caller at a time; never fails.
// A burst of more than 2^21 ids in a millisecond borrows from ids of such workers, then from the next one.

#include <algorithm>
#include <cstdint>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

class snowflake_generator {
 public:
  template <class Id>
  Id next(base::system_time now) {
    last_ = std::max(last_ + 1, base::id_at<Id>(now).value);
    return Id{last_};
  }

  // As a worker does that is `late` behind next(): below ids that were given out before, but never one of them. After a restart these run ahead of the clock.
  template <class Id>
  Id next_behind(base::system_time now, base::duration late) {
    behind_ = (behind_ + 1) % behind_mark;
    auto then = std::max(now, base::created_at(Id{last_})) - late;
    return Id{base::id_at<Id>(then).value | behind_mark | behind_};
  }

  // `id` was given out before (found in a record): it is not given out again, and next() is higher.
  void raise(std::uint64_t id) {
    last_ = std::max(last_, id);
    if (id & behind_mark) behind_ = std::max(behind_, id % behind_mark);
  }
  std::uint64_t last() const { return last_; }

 private:
  static constexpr std::uint64_t behind_mark = 1 << 21;  // the upper half of a millisecond's ids

  std::uint64_t last_ = 0;
  std::uint64_t behind_ = 0;  // the last one's number
};

}  // namespace dbcord::guild
