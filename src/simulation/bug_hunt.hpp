#pragma once
// bug_hunt: looks for a seed in which the checkers notice a deliberate bug. Owns nothing; several hunts may run on several threads.

#include "simulation/run.hpp"

namespace dbcord::simulation {

struct hunted_bug {
  base::deliberate_bug bug = base::deliberate_bug::none;
  std::optional<std::uint64_t> seed;  // the first that catches it; empty: none did
  std::uint64_t runs = 0;
  std::string violation;              // the first of that run, "checker: what was seen"
  std::string_view checker() const { return std::string_view(violation).substr(0, violation.find(':')); }
};

// The scenario that a seed stands for, in hunts and where they are repeated.
scenario hunting_scenario(std::uint64_t seed, base::deliberate_bug bug);
// Seeds from `first` on, `most` of them at most, each for 30 s of work.
hunted_bug hunt(base::deliberate_bug bug, std::uint64_t first, std::uint64_t most);

}  // namespace dbcord::simulation
