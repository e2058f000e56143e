#include "database/log_segments.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::database {

void log_segments::assign(std::vector<protocol::log_segment> all) {
  DBCORD_ASSERT(!all.empty());
  std::lock_guard lock(mutex_);
  all_ = std::move(all);
}

void log_segments::add(protocol::log_segment next) {
  std::lock_guard lock(mutex_);
  all_.push_back(next);
}

void log_segments::remove(base::channel_id dropped) {
  std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& s) { return s.channel == dropped; });
  DBCORD_ASSERT(!all_.empty());  // the current one is never dropped
}

protocol::log_segment log_segments::current() const {
  std::lock_guard lock(mutex_);
  return all_.back();
}

base::channel_id log_segments::previous() const {
  std::lock_guard lock(mutex_);
  return all_.size() < 2 ? base::channel_id() : all_[all_.size() - 2].channel;
}

std::vector<protocol::log_segment> log_segments::all() const {
  std::lock_guard lock(mutex_);
  return all_;
}

base::channel_id log_segments::channel_of(std::uint64_t lsn) const {
  std::lock_guard lock(mutex_);
  auto behind = std::upper_bound(all_.begin(), all_.end(), lsn, [](std::uint64_t l, const auto& s) { return l < s.first_lsn; });
  return behind == all_.begin() ? all_.front().channel : std::prev(behind)->channel;
}

bool log_segments::contains(base::channel_id channel) const {
  std::lock_guard lock(mutex_);
  return std::any_of(all_.begin(), all_.end(), [&](const auto& s) { return s.channel == channel; });
}

std::uint64_t log_segments::first_lsn() const {
  std::lock_guard lock(mutex_);
  return all_.front().first_lsn;
}

}  // namespace dbcord::database
