#include "guild/message_table.hpp"

#include <algorithm>

namespace dbcord::guild {
namespace {

constexpr std::size_t removed_max = 64;  // besides a third of the table

bool is_removed(const message_entry& entry) { return entry.marks & message_entry::removed; }

}  // namespace

message_table::position message_table::lower_bound(base::message_id id) const {
  // Nearly always a new one.
  if (entries_.empty() || entries_.back().id < id) return entries_.end();
  return std::lower_bound(entries_.begin(), entries_.end(), id,
                          [](const message_entry& entry, base::message_id wanted) { return entry.id < wanted; });
}

const message_entry* message_table::find(base::message_id id) const {
  auto found = lower_bound(id);
  return found == entries_.end() || found->id != id || is_removed(*found) ? nullptr : &*found;
}

message_entry* message_table::find(base::message_id id) {
  return const_cast<message_entry*>(static_cast<const message_table*>(this)->find(id));
}

message_entry& message_table::need(base::message_id id) {
  auto place = entries_.begin() + (lower_bound(id) - entries_.begin());
  if (place != entries_.end() && place->id == id) {
    if (is_removed(*place)) *place = {id}, --removed_;
    return *place;
  }
  // Grows by a quarter: doubling would keep as much again unused.
  if (entries_.size() == entries_.capacity()) {
    auto offset = place - entries_.begin();
    entries_.reserve(entries_.size() + entries_.size() / 4 + 16);
    place = entries_.begin() + offset;
  }
  return *entries_.insert(place, {id});
}

bool message_table::erase(base::message_id id) {
  auto* found = find(id);
  if (!found) return false;
  found->marks = message_entry::removed;
  ++removed_;
  if (removed_ > removed_max && removed_ > entries_.size() / 3) {
    std::erase_if(entries_, is_removed);
    removed_ = 0;
  }
  return true;
}

std::vector<base::message_id> message_table::before(position end, std::size_t limit) const {
  std::vector<base::message_id> found;
  while (end != entries_.begin() && found.size() < limit) {
    --end;
    if (!is_removed(*end)) found.push_back(end->id);
  }
  return found;
}

std::vector<base::message_id> message_table::below(base::message_id end, std::size_t limit) const {
  return before(lower_bound(end), limit);
}

std::vector<base::message_id> message_table::newest(std::size_t limit) const { return before(entries_.end(), limit); }

std::vector<base::message_id> message_table::from(base::message_id first, std::size_t limit) const {
  std::vector<base::message_id> found;
  for (auto at = lower_bound(first); at != entries_.end() && found.size() < limit; ++at) {
    if (!is_removed(*at)) found.push_back(at->id);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<message_entry> message_table::entries() const {
  std::vector<message_entry> found;
  found.reserve(size());
  for_each([&](const message_entry& entry) { found.push_back(entry); });
  return found;
}

}  // namespace dbcord::guild
