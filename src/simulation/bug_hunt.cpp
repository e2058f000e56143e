#include "simulation/bug_hunt.hpp"

#include <algorithm>

namespace dbcord::simulation {

scenario hunting_scenario(std::uint64_t seed, base::deliberate_bug bug) {
  scenario_overrides fixed;
  fixed.length = std::chrono::seconds(30);
  auto s = draw_scenario(seed, fixed);
  s.bug = bug;
  using namespace std::chrono_literals;
  // Three of four seeds are moved to where certain bugs live; sweeps draw such runs too, but more rarely.
  switch (seed % 4) {
    case 1:  // two processes that take over from each other
      s.exclusive_by_lock = s.quiet = false;
      s.rival = s.client = true;
      s.lease = 6s;
      s.pause_every = s.spell_every = 6s;
      s.crash_every = s.hand_every = {};
      s.fault_weight = std::max(s.fault_weight, 1);
      break;
    case 2:  // what a dead process left is the last word
      s.exclusive_by_lock = s.quiet = true;
      s.rival = s.stale_reads = s.client = s.client_looks = s.client_presses = false;
      s.users = 2;
      s.think = 1500ms;
      s.crash_every = 8s;
      s.spell_every = 3s;
      s.fault_weight = std::max(s.fault_weight, 2);
      break;
    case 3:  // many checkpoints, and starts from them
      s.quiet = false;
      s.client = true;
      s.checkpoint_tail = 3 + static_cast<int>(seed % 5);
      s.crash_every = 6s;
      s.fault_weight = std::max(s.fault_weight, 1);
      break;
    default: break;
  }
  return s;
}

hunted_bug hunt(base::deliberate_bug bug, std::uint64_t first, std::uint64_t most) {
  hunted_bug hunted;
  hunted.bug = bug;
  for (auto seed = first; hunted.runs < most; ++seed) {
    ++hunted.runs;
    auto report = run_scenario(hunting_scenario(seed, bug));
    if (report.violations.empty()) continue;
    hunted.seed = seed;
    hunted.violation = report.violations.front();
    break;
  }
  return hunted;
}

}  // namespace dbcord::simulation
