#include "support/makespan_bound.hpp"

#include <algorithm>
#include <set>

namespace dbcord::bench {

base::duration makespan_bound(const std::map<std::string, bucket_load>& buckets, std::optional<int> global_a_second,
                              base::duration round_trip) {
  std::set<base::duration> times{base::duration::zero()};
  for (const auto& [name, b] : buckets) {
    for (int window = 1; window * b.limit < b.requests; ++window) times.insert(window * b.window);
  }
  base::duration end{};
  for (auto t : times) {
    std::int64_t left = 0;
    for (const auto& [name, b] : buckets) {
      auto windows = (t + b.window - base::duration(1)) / b.window;
      left += std::max<std::int64_t>(0, b.requests - windows * b.limit);
    }
    if (left == 0) continue;
    auto seconds = global_a_second ? (left - 1) / *global_a_second : 0;
    end = std::max(end, t + std::chrono::seconds(seconds));
  }
  return end + round_trip;
}

}  // namespace dbcord::bench
