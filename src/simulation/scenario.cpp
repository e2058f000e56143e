#include "simulation/scenario.hpp"

#include <fmt/format.h>

namespace dbcord::simulation {

namespace {

double seconds(base::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

scenario draw_scenario(std::uint64_t seed, const scenario_overrides& fixed) {
  base::seeded_random random(seed * 0x9E3779B97F4A7C15ull + 1);
  scenario s;
  s.seed = seed;
  s.users = 2 + static_cast<int>(random.below(5));
  s.tables = 1 + static_cast<int>(random.below(2));
  s.keys = 2 + static_cast<int>(random.below(8));
  s.think = std::chrono::milliseconds(20 + random.below(500));
  s.rate_limits = random.below(2) == 0;
  s.fault_weight = static_cast<int>(random.below(4));
  bool crashes = random.below(3) != 0;
  auto crash_every = std::chrono::milliseconds(3'000 + random.below(20'000));
  bool guild_restarts = random.below(4) == 0;
  auto restart_every = std::chrono::milliseconds(5'000 + random.below(20'000));
  s.exclusive_by_lock = random.below(4) != 0;
  s.keep_session = random.below(2) == 0;
  bool stale_reads = random.below(2) == 0;
  bool rival = random.below(2) == 0;
  if (random.below(3) == 0) s.pause_every = std::chrono::milliseconds(5'000 + random.below(20'000));
  if (random.below(3) == 0) s.wall_skew = std::chrono::seconds(40);
  s.unique_index = random.below(2) == 0;
  if (random.below(4) != 0) s.checkpoint_tail = 3 + static_cast<int>(random.below(40));
  if (!s.exclusive_by_lock) {
    s.stale_reads = stale_reads;
    s.rival = fixed.rivals.value_or(rival);
    s.length *= 2;
  }
  if (fixed.crashes) crashes = *fixed.crashes;
  if (crashes) s.crash_every = crash_every;
  if (guild_restarts) s.guild_restart_every = restart_every;
  if (fixed.length) s.length = *fixed.length;
  if (fixed.fault_weight) s.fault_weight = *fixed.fault_weight;
  if (s.fault_weight == 0) s.guild_restart_every = {};
  if (fixed.rate_limits) s.rate_limits = *fixed.rate_limits;
  if (s.fault_weight == 0 && !crashes) {
    s.pause_every = {};
    s.stale_reads = s.rival = false;
  }
  return s;
}

std::string describe(const scenario& s) {
  return fmt::format(
      "seed {}: {:.0f} s, {} users, {} tables of {} keys, think {:.3f} s, limits {}, faults {}, crash every {:.1f} s, "
      "guild restart every {:.1f} s, pause every {:.1f} s, {}{}{}{}, checkpoint every {}, clock skew {:.0f} s, session {}",
      s.seed, seconds(s.length), s.users, s.tables, s.keys, seconds(s.think), s.rate_limits ? "on" : "off",
      s.fault_weight, seconds(s.crash_every), seconds(s.guild_restart_every), seconds(s.pause_every),
      s.exclusive_by_lock ? "lock" : "lease", s.stale_reads ? ", stale reads" : "", s.rival ? ", rival" : "", s.unique_index ? ", unique index" : "",
      s.checkpoint_tail, seconds(s.wall_skew),
      s.keep_session ? "kept" : "forgotten");
}

}  // namespace dbcord::simulation
