#include "protocol/rate_limiter_global.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::protocol {

std::optional<int> rate_limiter_global::limit() const {
  if (learned_) return learned_;
  bool lifted = !headers_seen_ && without_headers_ >= options_.lift_after;
  return lifted ? std::nullopt : options_.limit;
}

void rate_limiter_global::saw_headers(bool any) {
  if (any) headers_seen_ = true;
  if (!any && without_headers_ < options_.lift_after) ++without_headers_;
}

rate_limiter_global::verdict rate_limiter_global::check(base::steady_time now) {
  if (refusal_ && now < refusal_->until) return {false, refusal_->until};
  if (refusal_) {
    learn(*refusal_);
    refusal_.reset();
    receipts_.clear();  // the server's second that counted them is over
    last_change_ = now;
  }
  recover(now);
  forget(now);
  auto most = limit();
  if (!most) return {true, {}};
  auto hold = options_.window + options_.margin;
  auto recent = std::partition_point(receipts_.begin(), receipts_.end(), [&](const receipt& r) { return r.counted_by + hold <= now; });
  auto counted = receipts_.end() - recent;
  if (flight_is_full(counted, now)) return {false, {}};
  auto held = in_flight_ + counted;
  if (held < *most) return {true, {}};
  if (recent == receipts_.end()) return {false, {}};
  // The receipt whose expiry brings the count below the limit; with a lowered limit not the first one.
  auto excess = std::min<std::ptrdiff_t>(held - *most, receipts_.end() - recent - 1);
  return {false, (recent + excess)->counted_by + hold};
}

void rate_limiter_global::sent(base::steady_time now) {
  ++in_flight_;
  if (!first_sent_) first_sent_ = now;
}

void rate_limiter_global::accepted(base::steady_time sent_at, base::steady_time counted_by) {
  if (limit() && accepted_ < *limit()) ++accepted_;
  settle(sent_at, counted_by, true);
}

// A window has passed in which the server took half of what is assumed; or it has said what it takes.
bool rate_limiter_global::proven(base::steady_time now) const {
  if (ever_refused_ || !limit()) return true;
  return first_sent_ && now >= *first_sent_ + options_.window && accepted_ >= *limit() / 2;
}

// `counted`: in this window.
bool rate_limiter_global::flight_is_full(std::ptrdiff_t counted, base::steady_time now) const {
  auto most = std::max<std::ptrdiff_t>(options_.first_flight - counted, options_.next_flights);
  return in_flight_ >= most && !proven(now);
}

// Routes differ in what is certain of their travel: the order of answers need not be that of the counting.
void rate_limiter_global::settle(base::steady_time sent_at, base::steady_time counted_by, bool accepted) {
  DBCORD_ASSERT(in_flight_ > 0);
  --in_flight_;
  auto place = receipts_.end();
  while (place != receipts_.begin() && std::prev(place)->counted_by > counted_by) --place;
  receipts_.insert(place, {sent_at, counted_by, accepted});
}

void rate_limiter_global::refused(base::steady_time sent_at, base::duration retry_after,
                                  base::steady_time now) {
  headers_seen_ = true;
  ever_refused_ = true;
  if (!refusal_) refusal_ = refusal{sent_at, sent_at, now + retry_after};
  refusal_->first_sent = std::min(refusal_->first_sent, sent_at);
  refusal_->last_sent = std::max(refusal_->last_sent, sent_at);
  refusal_->until = std::max(refusal_->until, now + retry_after);
  settle(sent_at, now, false);
}

// Receipts matter for one window, and for learning a little longer.
void rate_limiter_global::forget(base::steady_time now) {
  if (refusal_) return;
  while (!receipts_.empty() && receipts_.front().counted_by + 3 * options_.window <= now) receipts_.pop_front();
  while (!limit() && receipts_.size() > max_unlimited_receipts) receipts_.pop_front();
}

// What was accepted in the second that ended in a refusal is what the server allows, unless somebody else
// used the token too: so at most halve the limit at a time.
void rate_limiter_global::learn(const refusal& r) {
  int accepted = 0;
  for (const auto& entry : receipts_) {
    bool near = entry.counted_by > r.first_sent - options_.window && entry.sent_at <= r.last_sent;
    if (entry.accepted && near) ++accepted;
  }
  auto before = limit();
  // The requests may have fallen into two of the server's seconds: then this is too high, and a refusal must
  // still lower the limit.
  if (before && accepted >= *before) accepted = *before - std::max(1, *before / 10);
  learned_ = std::max({1, accepted, before ? *before / 2 : 1});
}

void rate_limiter_global::recover(base::steady_time now) {
  if (!learned_ || now < last_change_ + options_.recovery) return;
  last_change_ = now;
  *learned_ += std::max(1, *learned_ / 10);
  if (options_.limit && *learned_ >= *options_.limit) learned_.reset();
}

}  // namespace dbcord::protocol
