#include "database/hand_deletions.hpp"

#include <algorithm>

namespace dbcord::database {

deletion_policy hand_deletions::policy() const {
  std::lock_guard lock(mutex_);
  return policy_;
}

void hand_deletions::set(deletion_policy policy) {
  std::lock_guard lock(mutex_);
  policy_ = policy;
}

bool hand_deletions::waits(const held_row& row) const {
  auto is_it = [&](const held_row& r) { return r.table == row.table && r.version == row.version && r.key == row.key; };
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& w) { return std::any_of(w.rows.begin(), w.rows.end(), is_it); });
}

void hand_deletions::hold(const std::vector<held_row>& rows) {
  auto room = held_max - std::min(held_max, held_.size());
  held_.insert(held_.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(room, rows.size())));
}

std::vector<hand_deletions::waiting_rows> hand_deletions::stop_waiting() { return std::exchange(waiting_, {}); }

hand_deletions::noted hand_deletions::note(std::vector<held_row> rows, base::steady_time now) {
  noted done;
  if (rows.empty()) return done;
  std::vector<waiting_rows> settled;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(rows, [this](const held_row& r) { return waits(r); });
    done.known = rows.empty();
    if (done.known) return done;
    while (!recent_.empty() && recent_.front() + at_once_within <= now) recent_.pop_front();
    if (held_.empty() && recent_.size() + rows.size() <= at_once) {
      recent_.insert(recent_.end(), rows.size(), now);
      if (policy_ == deletion_policy::restore || given_up_) return done;
      done.what = fate::waits;
      done.number = ++last_number_;
      waiting_.push_back({done.number, std::move(rows), done.settled});
      return done;
    }
    done.what = fate::held;
    settled = stop_waiting();
    for (const auto& w : settled) hold(w.rows);
    hold(rows);
  }
  for (const auto& w : settled) w.settled.notify();
  return done;
}

std::vector<held_row> hand_deletions::take_waiting(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  auto its = std::find_if(waiting_.begin(), waiting_.end(), [number](const auto& w) { return w.number == number; });
  if (its == waiting_.end()) return {};
  auto rows = std::move(its->rows);
  waiting_.erase(its);
  return policy_ == deletion_policy::accept ? std::move(rows) : std::vector<held_row>();
}

void hand_deletions::give_up() {
  std::vector<waiting_rows> settled;
  {
    std::lock_guard lock(mutex_);
    given_up_ = true;
    settled = stop_waiting();
  }
  for (const auto& w : settled) w.settled.notify();
}

void hand_deletions::note_accepted(std::uint64_t rows) {
  std::lock_guard lock(mutex_);
  accepted_ += rows;
}

std::vector<held_row> hand_deletions::take_held() {
  std::vector<waiting_rows> settled;
  std::vector<held_row> all;
  {
    std::lock_guard lock(mutex_);
    recent_.clear();
    settled = stop_waiting();
    all = std::exchange(held_, {});
  }
  for (const auto& w : settled) {
    all.insert(all.end(), w.rows.begin(), w.rows.end());
    w.settled.notify();
  }
  return all;
}

deletion_status hand_deletions::status() const {
  std::lock_guard lock(mutex_);
  std::uint64_t waiting = 0;
  for (const auto& w : waiting_) waiting += w.rows.size();
  return {policy_, accepted_, waiting, held_.size()};
}

}  // namespace dbcord::database
