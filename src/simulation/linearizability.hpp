#pragma once
// linearizability: is there an order of one key's operations, each at one instant between its invocation and its answer,
// that explains every answer? (Wing and Gong's search with Lowe's memoisation of visited states.) Pure, one thread.
//
// Unknown operations may take effect at any time after their invocation, or never; refused ones never. Refusals that
// say something about the key (exists, absent, has another version than the expected one) must be true at one instant of
// their interval, like reads. What expects a version takes effect only where the row has it.

#include "simulation/history.hpp"

namespace dbcord::simulation {

struct linearizability_verdict {
  bool explained = true;
  bool gave_up = false;      // more than max_states looked at: no verdict (then `explained` is true)
  std::string explanation;   // when not explained: the operations around the one that fits nowhere
  std::uint64_t states = 0;  // looked at
};

inline constexpr std::uint64_t max_linearizability_states = 2'000'000;

// All of one key, in any order. The key does not exist at first.
linearizability_verdict check_key(const history& of_one_key);
// Splits by table and key. One line per key that is not explained; counts the keys without a verdict.
std::vector<std::string> check_linearizability(const history& all, std::uint64_t* inconclusive = nullptr);

}  // namespace dbcord::simulation
