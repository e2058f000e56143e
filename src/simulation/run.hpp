#pragma once
// run: one seed from set-up to verdict. The scenario: set up a guild, a bot, a database and tables without faults; let people
// work while the network fails and the bot crashes; end the faults, let late requests arrive; read everything; restart
// cleanly; read everything again; check; in some runs let people delete what the database lives on. Deterministic: equal scenarios give equal reports and traces. One thread; runs in
// different threads share nothing.

#include "simulation/loss_trial.hpp"
#include "simulation/past_checks.hpp"
#include "simulation/scenario.hpp"
#include "simulation/trace.hpp"
#include "simulation/chore_workload.hpp"

namespace dbcord::simulation {

struct run_report {
  std::vector<std::string> violations;  // "checker: what was seen"
  std::uint64_t trace_hash = 0;
  std::uint64_t trace_lines = 0;
  std::uint64_t steps = 0;  // handlers, timers and events
  std::uint64_t operations = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;
  std::uint64_t unknown = 0;
  std::uint64_t crashes = 0;
  std::uint64_t starts = 0;
  std::uint64_t holders = 0;  // competing processes that had the databases open at some time
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  std::uint64_t gateway_drops = 0;
  std::uint64_t limited = 0;  // 429, excused ones included
  std::uint64_t limited_by_fault = 0;
  std::map<std::string, std::uint64_t> guild_faults;  // faults of the guild's own, by name
  std::uint64_t limits_cut = 0;                       // times that they were cut to a tenth
  pause_figures pauses;
  std::uint64_t inconclusive_keys = 0;
  std::uint64_t alterations = 0;  // of columns, acknowledged
  std::uint64_t threads = 0;      // that commands have told of
  std::uint64_t deltas = 0;       // of checkpoints, written
  find_figures finds;
  precondition_figures preconditions;
  past_figures past;
  import_figures imports;
  std::uint64_t cap_looks = 0;  // times that memory and queue were compared with their caps
  chore_figures chores;
  database::cache_figures cache;  // of the process that had the database when the work was over
  loss_report losses;  // of what people delete by hand after the work
  base::duration virtual_time{};
};

run_report run_scenario(const scenario& s, trace::sink show = {});

}  // namespace dbcord::simulation
