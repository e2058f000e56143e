#include "simulation/bug_hunt.hpp"

#include <algorithm>

namespace dbcord::simulation {

scenario hunting_scenario(std::uint64_t seed, base::deliberate_bug bug) {
  scenario_overrides fixed;
  fixed.length = std::chrono::seconds(30);
  auto s = draw_scenario(seed, fixed);
  s.bug = bug;
  s.losses = s.deltas = s.whims = s.nonces_forgotten = s.long_texts = s.preconditions = s.looks_back = false;
  s.cut_every = s.chore_every = {};
  s.bulk_import = false;
  s.group_cap = scenario().group_cap;  // some get a bank below
  s.index_channels = s.index_channels && seed % 6 != 3 && seed % 6 != 0;  // there upkeep is for other bugs
  s.alter_every = s.thread_every = {};  // the former where bugs need it
  using namespace std::chrono_literals;
  // Each seed is moved to where certain bugs live; sweeps draw such runs too, but more rarely.
  switch (seed % 6) {
    case 1:  // two processes that take over from each other
      s.exclusive_by_lock = s.quiet = false;
      s.rivals = 1;
      s.client = true;
      s.lease = 6s;
      s.pause_every = s.spell_every = 6s;
      s.crash_every = s.hand_every = {};
      s.fault_weight = std::max(s.fault_weight, 1);
      if (seed / 6 % 4 == 2) {  // or whose machines stand still
        s.client = s.client_looks = s.client_presses = s.one_sided = s.rate_limits = false;
        s.spell_every = s.guild_restart_every = {};
        s.machines_stop = true;
        s.lease = 12s;
        s.pause_every = 60s;
        s.users = 4;
        s.think = 100ms;
        s.length = 300s;
        s.fault_weight = 0;
      }
      break;
    case 2:  // what a dead process left is the last word
      s.exclusive_by_lock = s.quiet = true;
      s.rivals = 0;
      s.stale_reads = s.client = s.client_looks = s.client_presses = false;
      s.users = 2;
      s.think = 1500ms;
      s.crash_every = 8s;
      s.spell_every = 3s;
      s.fault_weight = std::max(s.fault_weight, 2);
      break;
    case 3:  // many checkpoints, starts from them, pages, and what nobody needs any more is removed
      s.quiet = false;
      s.client = true;
      s.checkpoint_tail = 3 + static_cast<int>(seed % 5);
      s.whole_databases = false;  // upkeep is for these tables
      s.page_from = 2;
      s.keys = 10;
      s.hand_every = {};  // else what is lost is mended before anybody looks
      s.upkeep_every = 4s;
      s.vacuums = 0.5;
      s.crash_every = 6s;
      s.fault_weight = std::max(s.fault_weight, 1);
      if (seed / 6 % 3 == 1) {  // or few checkpoints, so that much depends on what the log says of removals
        s.checkpoint_tail = 40;
        s.upkeep_every = 2s;
        s.length = 60s;
      }
      if (seed / 6 % 3 == 2) {  // or few writes and no start, both of which mend what was removed too early
        s.think = 1s;
        s.keys = 24;  // as many as a find shows at once, but for one
        s.imports = 0.3;
        s.upkeep_every = 1s;
        s.length = 60s;
        s.crash_every = s.spell_every = s.pause_every = s.guild_restart_every = {};
        s.fault_weight = 0;
      }
      break;
    case 4:  // the one that has the database cannot see what the other one does
      s.exclusive_by_lock = s.quiet = s.client_presses = false;
      s.rivals = 1;
      s.client = s.one_sided = true;
      s.lease = 6s;
      s.length = 90s;
      s.spell_every = 4s;
      s.pause_every = s.crash_every = s.hand_every = {};
      s.think = 100ms;
      s.fault_weight = 0;
      break;
    case 5:  // a refusal after a lost answer, or a request that arrives late, and nobody writes before the process dies
      s.exclusive_by_lock = s.quiet = true;
      s.requests_late = seed / 6 % 2 == 0;
      s.retries_refused = !s.requests_late;
      s.late_max = 3s;
      s.rivals = 0;
      s.stale_reads = s.client = s.client_looks = s.client_presses = false;
      s.users = 1;
      s.think = 1s;
      s.length = 120s;
      s.spell_every = 2s;
      s.crash_every = 60s;  // most die after a lost answer
      s.checkpoint_tail = 0;
      s.hand_every = s.guild_restart_every = s.pause_every = {};
      s.fault_weight = 0;
      if (s.retries_refused) {  // so that there is something to refuse
        s.think = 300ms;
        s.spell_every = 5s;
        s.keys = 3;
      }
      if (s.retries_refused && seed / 12 % 2 == 1) {  // or an answer is lost, what is sent again stands there a second time, and one of both is cut
        s.retries_refused = false;
        s.answers_lost = s.nonces_forgotten = true;
        s.whole_databases = false;
        s.users = 2;
        s.think = 2s;  // so that it dies before it is written over
        s.spell_every = 1s;
        s.length = 600s;
      }
      s.losses = s.memory_cap == scenario().memory_cap && !s.whole_databases;  // there are no checkpoints: every record counts
      break;
    case 0:
      if (auto place = seed / 6 % 5; place == 1 || place == 2 || place == 4) {  // tables that move all the time, while what is written arrives late and processes die
        s.quiet = s.client = s.client_looks = s.client_presses = s.whole_databases = s.stale_reads = false;
        s.rivals = 0;
        s.exclusive_by_lock = s.requests_late = true;
        s.think = 300ms;
        s.late_max = 10s;
        s.spell_every = 15s;
        s.crash_every = 30s;
        s.hand_every = {};
        s.rate_limits = true;  // so that moving takes its time
        s.checkpoint_tail = 3;
        s.page_from = 32;
        s.keys = 20;
        s.memory_cap = 10'000;
        s.backlog_cap = scenario().backlog_cap;
        s.upkeep_every = 1s;
        s.moves = 0.7;
        s.length = 120s;
        s.fault_weight = 0;
        if (place != 2) {  // or moved so fast that a message in the new channel has a lower id than the last one before
          s.rate_limits = s.requests_late = false;
          s.ids_behind = 900ms;
          s.think = 50ms;
          s.crash_every = 10s;
        }
        break;
      }
      if (seed / 6 % 5 == 0) {  // columns that change all the time
        s.quiet = s.client_presses = s.whole_databases = s.stale_reads = false;
        s.rivals = 0;
        s.exclusive_by_lock = true;
        s.think = 200ms;
        s.crash_every = 10s;
        s.memory_cap = scenario().memory_cap;
        s.backlog_cap = scenario().backlog_cap;
        s.checkpoint_tail = 20;
        s.alter_every = 1s;
        if (seed / 30 % 2 == 1) {  // or a copy that changes while it is dropped
          s.alter_every = {};
          s.chore_every = 300ms;
          s.crash_every = 20s;  // so that copies are made, and dropped
          s.spell_every = s.pause_every = s.guild_restart_every = {};
          s.rate_limits = false;
          s.fault_weight = 0;
          s.keys = 10;
          s.checkpoint_tail = 0;  // a start would not read the log before one
          s.length = 120s;
        }
        break;
      }
      [[fallthrough]];
    default:  // a program that writes more than there is room for, and many transactions
      s.quiet = false;
      s.bank = s.client = s.client_looks = s.client_presses = true;
      s.backlog_cap = 3'000;
      s.memory_cap = 100'000;
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
    // What fails without the bug as well has not caught it.
    if (!run_scenario(hunting_scenario(seed, base::deliberate_bug::none)).violations.empty()) continue;
    hunted.seed = seed;
    hunted.violation = report.violations.front();
    break;
  }
  return hunted;
}

}  // namespace dbcord::simulation
