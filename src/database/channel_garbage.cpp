#include "database/channel_garbage.hpp"

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {

void channel_garbage::set_rows(base::message_id id, std::uint32_t rows) {
  auto it = pages_.find(id);
  if (it != pages_.end()) it->second.rows = rows;
}

bool channel_garbage::knows_rows(base::message_id id) const {
  auto it = pages_.find(id);
  return it != pages_.end() && it->second.rows > 0;
}

void channel_garbage::insert(base::message_id message, garbage_kind kind) {
  if (!contains(message)) garbage_[static_cast<std::size_t>(kind)].insert(message);
}

std::optional<garbage_kind> channel_garbage::kind_of(base::message_id message) const {
  for (auto kind : all_garbage_kinds) {
    if (of(kind).contains(message)) return kind;
  }
  return std::nullopt;
}

std::size_t channel_garbage::size() const {
  std::size_t all = 0;
  for (const auto& some : garbage_) all += some.size();
  return all;
}

base::message_id channel_garbage::newest() const {
  base::message_id newest;
  for (const auto& some : garbage_) newest = some.empty() ? newest : std::max(newest, *some.rbegin());
  return newest;
}

void channel_garbage::release(base::message_id message, unsigned part, garbage_kind kind) {
  if (part == 0) {
    insert(message, kind);
    return;
  }
  auto it = pages_.find(message);
  if (it == pages_.end() && base::has_bug(base::deliberate_bug::drop_page_in_use)) return;
  DBCORD_ASSERT(it != pages_.end() && it->second.uses > 0);
  if (--it->second.uses > 0 && !base::has_bug(base::deliberate_bug::drop_page_in_use)) return;
  if (it->second.rows == 0) return;  // what else lies there is not known yet
  pages_.erase(it);
  insert(message, garbage_kind::stale_page);
}

void channel_garbage::settle_page(base::message_id id, garbage_kind kind) {
  auto it = pages_.find(id);
  if (it != pages_.end() && it->second.uses > 0) return;
  if (it != pages_.end()) pages_.erase(it);
  insert(id, kind);
}

void channel_garbage::removed(base::message_id message) {
  for (auto& some : garbage_) some.erase(message);
  pages_.erase(message);
}

void channel_garbage::forget(message_range gone) {
  for (auto& some : garbage_) some.erase(some.upper_bound(gone.after), some.upper_bound(gone.last));
  pages_.erase(pages_.upper_bound(gone.after), pages_.upper_bound(gone.last));
}

std::uint64_t channel_garbage::memory() const {
  constexpr std::uint64_t set_slot = 12, map_slot = 24;  // of nodes that are about three quarters full
  return size() * set_slot + pages_.size() * map_slot;
}

}  // namespace dbcord::database
