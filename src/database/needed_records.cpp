#include "database/needed_records.hpp"

#include <algorithm>
#include <set>

namespace dbcord::database {

void needed_records::add(std::uint64_t lsn, base::message_id message) {
  std::lock_guard lock(mutex_);
  if (records_.size() == records_max) {
    if (!not_remembered_) not_remembered_ = range{0, records_.front().message, records_.front().message};
    auto kept = records_.begin() + records_max / 4;
    for (auto r = records_.begin(); r != kept; ++r) {
      not_remembered_->last_lsn = r->lsn;
      not_remembered_->first = std::min(not_remembered_->first, r->message);  // ids need not be in the order of LSNs
      not_remembered_->last = std::max(not_remembered_->last, r->message);
    }
    records_.erase(records_.begin(), kept);
  }
  records_.push_back({lsn, message});
}

void needed_records::forget_to(std::uint64_t lsn) {
  std::lock_guard lock(mutex_);
  std::erase_if(records_, [lsn](const record& r) { return r.lsn <= lsn; });
  if (not_remembered_ && not_remembered_->last_lsn <= lsn) not_remembered_.reset();
  std::erase_if(lost_, [lsn](std::uint64_t l) { return l <= lsn; });
  std::erase_if(lost_channels_, [lsn](std::uint64_t l) { return l <= lsn; });
}

std::size_t needed_records::note_deleted(const std::vector<base::message_id>& messages) {
  std::set<base::message_id> gone(messages.begin(), messages.end());
  std::lock_guard lock(mutex_);
  auto before = lost_.size();
  std::erase_if(records_, [&](const record& r) {
    if (gone.erase(r.message) == 0) return false;
    lost_.push_back(r.lsn);
    return true;
  });
  if (!not_remembered_) return lost_.size() - before;
  auto may_be_one = [this](base::message_id m) { return m >= not_remembered_->first && m <= not_remembered_->last; };
  lost_.insert(lost_.end(), static_cast<std::size_t>(std::count_if(gone.begin(), gone.end(), may_be_one)), not_remembered_->last_lsn);
  return lost_.size() - before;
}

bool needed_records::note_channel_deleted(std::uint64_t first_lsn, std::uint64_t last_lsn) {
  std::lock_guard lock(mutex_);
  auto lay_there = [&](std::uint64_t lsn) { return lsn >= first_lsn && lsn <= last_lsn; };
  bool needed = std::any_of(records_.begin(), records_.end(), [&](const record& r) { return lay_there(r.lsn); }) ||
                (not_remembered_ && not_remembered_->last_lsn >= first_lsn) || last_lsn == never;
  if (needed) lost_channels_.push_back(last_lsn);
  return needed;
}

needed_records::losses needed_records::lost() const {
  std::lock_guard lock(mutex_);
  auto ended = std::count_if(lost_channels_.begin(), lost_channels_.end(), [](std::uint64_t l) { return l != never; });
  return {lost_.size(), lost_channels_.size(), !lost_.empty() || ended > 0};
}

}  // namespace dbcord::database
