#pragma once
// makespan_bound: the shortest time in which requests can be carried out under known rate limits by anybody who earns no 429,
// wherever the server's windows lie: the optimum that a scheduler is measured against. Pure.
//
// A bucket lets `limit` requests through in a window that begins with its first request. So before the time t (from the first
// arrival) at most limit * ceil(t / window) of a bucket's requests can have arrived; what is left over all buckets must arrive in
// [t, end], of which any second takes no more than the global limit. The bound is the latest end that any t demands, and one round
// trip. No schedule beats it; one that reaches it has no gap anywhere.

#include <map>
#include <optional>
#include <string>

#include "dbcord/base/clock.hpp"

namespace dbcord::bench {

struct bucket_load {
  int limit = 1;
  base::duration window{};
  int requests = 0;
};

base::duration makespan_bound(const std::map<std::string, bucket_load>& buckets, std::optional<int> global_a_second,
                              base::duration round_trip);

}  // namespace dbcord::bench
