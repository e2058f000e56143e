#include "simulation/bug_hunt.hpp"

namespace dbcord::simulation {

scenario hunting_scenario(std::uint64_t seed, base::deliberate_bug bug) {
  scenario_overrides fixed;
  fixed.length = std::chrono::seconds(30);
  auto s = draw_scenario(seed, fixed);
  s.bug = bug;
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
