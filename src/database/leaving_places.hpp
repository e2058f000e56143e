#pragma once
// leaving_places: what is to be emptied. Plain data.

#include <cstdint>
#include <set>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

// At most one of the two is given; neither: the table's retiring channel.
struct leaving_places {
  std::set<base::message_id> pages;  // that were given up; or any messages
  std::uint64_t log_before = 0;      // records of the log with smaller LSNs, of older versions that lie nowhere else; rows are the materialiser's

  bool is_channel() const { return pages.empty() && log_before == 0; }
};

}  // namespace dbcord::database
