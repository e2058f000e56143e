#pragma once
// message_range: messages of one channel by their ids: behind `after`, up to `last`. Plain data.

#include <cstdint>
#include <limits>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct message_range {
  base::message_id after;
  base::message_id last{std::numeric_limits<std::uint64_t>::max()};

  bool contains(base::message_id m) const { return after < m && m <= last; }
};

}  // namespace dbcord::database
