#include "database/commit_groups.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t by_lsn_entry = 40;  // bytes of a node of the hash table, about

}  // namespace

commit_groups::number commit_groups::add_row(std::uint64_t lsn, base::message_id log_message) {
  newest_lsn_ = std::max(newest_lsn_, lsn);
  if (newest_ && groups_[*newest_].lsn == lsn) {
    ++groups_[*newest_].rows;
    return *newest_;
  }
  if (auto known = by_lsn_.find(lsn); known != by_lsn_.end()) {
    ++groups_[known->second].rows;
    return known->second;
  }
  number at = static_cast<number>(groups_.size());
  if (free_.empty()) {
    groups_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  groups_[at] = {lsn, log_message, 1, 0};
  if (loading_) by_lsn_.emplace(lsn, at);
  if (!newest_ || groups_[*newest_].lsn < lsn) newest_ = at;
  return at;
}

void commit_groups::remove_row(number group) {
  auto& record = groups_[group];
  DBCORD_ASSERT(record.rows > 0);
  if (--record.rows > 0) return;
  DBCORD_ASSERT(record.log_only == 0);
  by_lsn_.erase(record.lsn);
  if (newest_ == group) newest_.reset();
  record = {};
  free_.push_back(group);
}

void commit_groups::settle() {
  if (!loading_) return;
  loading_ = false;
  by_lsn_ = {};
}

std::optional<std::uint64_t> commit_groups::oldest_log_only(std::uint64_t from) const {
  std::optional<std::uint64_t> oldest;
  for (const auto& record : groups_) {
    if (record.log_only > 0 && record.lsn >= from && (!oldest || record.lsn < *oldest)) oldest = record.lsn;
  }
  return oldest;
}

std::uint64_t commit_groups::memory() const {
  return groups_.size() * sizeof(record) + free_.capacity() * sizeof(number) + by_lsn_.size() * by_lsn_entry;
}

}  // namespace dbcord::database
