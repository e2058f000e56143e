#pragma once
// scheduler_scenarios: the request workloads of bench_scheduler: what is asked of a guild, its limits and its distance.

#include <functional>

#include "guild/rate_table.hpp"
#include "support/makespan_bound.hpp"
#include "support/request_workload.hpp"

namespace dbcord::bench {

struct scenario {
  std::string name;
  int channels = 1;
  int creates = 0, edits = 0, removes = 0;  // of each channel
  guild::rate_table limits{};
  base::duration round_trip = std::chrono::milliseconds(50);
  bool shared_refusal = false;  // a shared 429 meets one request on its way
  bool unforeseeable = false;     // a limit that only its 429 tells
};

// `small` are those of a smoke run.
std::vector<scenario> makespan_scenarios(bool small);

// The operations over `channels`, round robin; `message(channel)` gives one to change.
std::vector<operation> operations_of(const scenario& s, const std::vector<std::string>& channels,
                                     const std::function<std::string(const std::string&)>& message);
base::duration bound_of(const scenario& s);

}  // namespace dbcord::bench
