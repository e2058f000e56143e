#include "protocol/rate_limiter_travel.hpp"

#include <algorithm>

namespace dbcord::protocol {

void rate_limiter_travel::answered(base::duration exchange) {
  recent_[count_++ % recent_.size()] = exchange;
  quickest_ = std::min(quickest_, exchange);
  caution_ -= caution_ / 64;  // a server that was slow to roll its windows once is believed again in time
}

void rate_limiter_travel::refused_early(base::duration by) {
  if (by <= imprecision_max) caution_ = std::max(caution_, by);
}

// Where times differ much, the quickest exchange may yet be beaten: twice the excess of the slower ones over it is not counted on. Of a few
// exchanges the slowest tells how much they differ; of many, one that was slow by accident does not count.
base::duration rate_limiter_travel::lead() const {
  if (count_ < few) return -caution_;
  auto sorted = recent_;
  auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, sorted.size()));
  auto slow = count_ < recent_.size() ? end - 1 : sorted.begin() + (end - sorted.begin()) * 3 / 4;
  std::nth_element(sorted.begin(), slow, end);
  auto excess = *slow - quickest_;
  return std::max(base::duration::zero(), quickest_ - 2 * excess) - caution_;
}

}  // namespace dbcord::protocol
