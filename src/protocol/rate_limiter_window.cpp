#include "protocol/rate_limiter_window.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::protocol {

rate_limiter_window::verdict rate_limiter_window::check(base::steady_time now) {
  if (blocked_until_ && now < *blocked_until_) return {false, blocked_until_};
  if (end_ && now >= *end_) roll();
  if (used_ + others_ < limit_) return {true, {}};
  return {false, end_};
}

rate_limiter_window::look rate_limiter_window::look_at(base::steady_time now) const {
  if (blocked_until_ && now < *blocked_until_) return {limit_, limit_, blocked_until_};
  if (end_ && now >= *end_) return {limit_, in_flight_, {}};  // what roll() would leave
  auto used = std::min(limit_, used_ + others_);
  return {limit_, used, used > 0 ? end_ : std::nullopt};
}

void rate_limiter_window::sent() {
  ++used_;
  ++in_flight_;
}

// The requests that are still unanswered may arrive in the next window.
void rate_limiter_window::roll() {
  if (current_) previous_ = current_;
  current_.reset();
  end_.reset();
  used_ = in_flight_;
  others_ = 0;
  receipts_.clear();
}

// Another answer from the same window: the truth lies in both spans.
void rate_limiter_window::narrow(const identity& id, base::steady_time end) {
  end_ = std::min(*end_, end);
  current_->earliest = std::max(current_->earliest, id.earliest);
  current_->latest = std::min(current_->latest, id.latest);
}

// An answer from this window or another: both are taken to be one long window.
void rate_limiter_window::widen(const identity& id, base::steady_time end) {
  end_ = std::max(*end_, end);
  current_->earliest = std::min(current_->earliest, id.earliest);
  current_->latest = std::max(current_->latest, id.latest);
}

void rate_limiter_window::account_for_others(const rate_limit_headers::window& w) {
  others_ = std::max(others_, w.limit - w.remaining - used_);
}

void rate_limiter_window::answered(const report& r) {
  DBCORD_ASSERT(in_flight_ > 0 && used_ > 0);
  auto id = identify(r.counted, r.sent_at, r.now);
  auto end = std::max(r.sent_at, r.now + r.margin) + r.counted.reset_after;
  // The first of a window tells how long windows are now. They may have become shorter: limits that were cut for a while are as usual again.
  bool first = !r.refused && r.counted.remaining == r.counted.limit - 1;
  longest_ = first ? r.counted.reset_after : std::max(longest_, r.counted.reset_after);
  const auto& known = current_ ? current_ : previous_;
  auto place = known ? compare(id, *known) : order::newer;
  // Sent when a later end was known already: limits that were cut are as usual again, and the server has begun to count anew.
  if (place == order::older && r.sent_at >= told_at_) place = order::newer;
  --in_flight_;
  bool late = place == order::older || (place == order::same && !current_);
  if (late || r.refused) --used_;  // counted in a window that is over, or not at all
  if (late) return;
  limit_ = r.counted.limit;
  told_at_ = r.now;
  if (current_ && place == order::newer) {
    roll();
    if (!r.refused) ++used_;  // this one
  }
  if (!current_) {
    current_ = id;
    end_ = end;
  } else if (place == order::same) {
    narrow(id, end);
  } else {
    widen(id, end);
  }
  if (!r.refused && receipts_.size() < max_receipts) receipts_.push_back(r.now);
  account_for_others(r.counted);
}

base::duration rate_limiter_window::time_for(base::duration::rep count) const {
  auto open = used_ + others_ == 0 ? 0 : std::max(0, limit_ - used_ - others_);
  auto windows = (count - open + limit_ - 1) / limit_;
  return std::max<base::duration::rep>(0, windows) * longest_;
}

void rate_limiter_window::unanswered(base::steady_time now, base::duration margin) {
  DBCORD_ASSERT(in_flight_ > 0);
  --in_flight_;
  // It may have begun a window of which no answer will tell the end.
  if (!end_ && in_flight_ == 0) end_ = now + longest_ + margin;
}

void rate_limiter_window::not_counted() {
  DBCORD_ASSERT(in_flight_ > 0 && used_ > 0);
  --in_flight_;
  --used_;
}

void rate_limiter_window::exhaust(base::steady_time until) {
  end_ = end_ ? std::max(*end_, until) : until;
  blocked_until_ = end_;
}

bool rate_limiter_window::contradicts(const rate_limit_headers::window& w, base::steady_time sent_at,
                                      base::steady_time now) const {
  if (w.limit != limit_) return true;
  if (!current_ || now >= current_->earliest) return false;
  auto counted_before =
      std::count_if(receipts_.begin(), receipts_.end(), [&](auto t) { return t <= sent_at; });
  return w.remaining > w.limit - 1 - counted_before;
}

rate_limiter_window::identity rate_limiter_window::identify(const rate_limit_headers::window& w,
                                                            base::steady_time sent_at,
                                                            base::steady_time now) {
  return {w.reset, sent_at + w.reset_after, now + w.reset_after};
}

// Successive windows end at least one window's length apart, of which longest_ is a lower bound.
rate_limiter_window::order rate_limiter_window::compare(const identity& answer, const identity& known) const {
  if (answer.reset && known.reset) {
    auto apart = *answer.reset - *known.reset;
    if (apart > longest_ / 2) return order::newer;
    return apart < -(longest_ / 2) ? order::older : order::same;
  }
  if (answer.earliest > known.latest) return order::newer;
  if (answer.latest < known.earliest) return order::older;
  auto span = std::max(answer.latest, known.latest) - std::min(answer.earliest, known.earliest);
  return span < longest_ ? order::same : order::unclear;
}

}  // namespace dbcord::protocol
