#include "database/hand_deletions.hpp"

namespace dbcord::database {

deletion_policy hand_deletions::policy() const {
  std::lock_guard lock(mutex_);
  return policy_;
}

void hand_deletions::set(deletion_policy policy) {
  std::lock_guard lock(mutex_);
  policy_ = policy;
}

bool hand_deletions::are_few(const std::vector<held_row>& rows, base::steady_time now) {
  std::lock_guard lock(mutex_);
  while (!recent_.empty() && recent_.front() + at_once_within <= now) recent_.pop_front();
  if (held_.empty() && recent_.size() + rows.size() <= at_once) {
    recent_.insert(recent_.end(), rows.size(), now);
    return true;
  }
  auto room = held_max - std::min(held_max, held_.size());
  held_.insert(held_.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(room, rows.size())));
  return false;
}

void hand_deletions::note_accepted(std::uint64_t rows) {
  std::lock_guard lock(mutex_);
  accepted_ += rows;
}

std::vector<held_row> hand_deletions::take_held() {
  std::lock_guard lock(mutex_);
  recent_.clear();
  return std::exchange(held_, {});
}

deletion_status hand_deletions::status() const {
  std::lock_guard lock(mutex_);
  return {policy_, accepted_, held_.size()};
}

}  // namespace dbcord::database
