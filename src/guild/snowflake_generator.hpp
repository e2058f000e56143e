#pragma once
// Mints ids that rise strictly, also when the clock steps back and after a restart (Discord docs, Reference,
// Snowflakes: bits 63-22 are milliseconds, 16 of the lower bits tell ids of one millisecond apart). Owned by
// the guild's state; one caller at a time; never fails. A burst of more than 2^22 ids in a millisecond
// borrows from the next one.

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

  // `id` was given out before (found in a record): everything minted from now on is higher.
  void raise(std::uint64_t id) { last_ = std::max(last_, id); }
  std::uint64_t last() const { return last_; }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace dbcord::guild
