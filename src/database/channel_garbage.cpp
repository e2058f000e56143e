#include "database/channel_garbage.hpp"

#include "base/deliberate_bug.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {

void channel_garbage::set_rows(base::message_id id, std::uint32_t rows) {
  auto it = pages_.find(id);
  if (it != pages_.end()) it->second.rows = rows;
}

void channel_garbage::release(base::message_id message, unsigned part) {
  if (part == 0) {
    garbage_.insert(message);
    return;
  }
  auto it = pages_.find(message);
  if (it == pages_.end() && base::has_bug(base::deliberate_bug::drop_page_in_use)) return;
  DBCORD_ASSERT(it != pages_.end() && it->second.uses > 0);
  if (--it->second.uses > 0 && !base::has_bug(base::deliberate_bug::drop_page_in_use)) return;
  pages_.erase(it);
  garbage_.insert(message);
}

void channel_garbage::removed(base::message_id message) {
  garbage_.erase(message);
  pages_.erase(message);
}

void channel_garbage::forget_up_to(base::message_id last) {
  garbage_.erase(garbage_.begin(), garbage_.upper_bound(last));
  pages_.erase(pages_.begin(), pages_.upper_bound(last));
}

std::uint64_t channel_garbage::memory() const {
  constexpr std::uint64_t set_slot = 12, map_slot = 24;  // of nodes that are about three quarters full
  return garbage_.size() * set_slot + pages_.size() * map_slot;
}

}  // namespace dbcord::database
