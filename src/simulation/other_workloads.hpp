#pragma once
// other_workloads: everybody of a run who works beside the workload, as the scenario says: upkeep always, chores, alterations of columns and threads of rows in some
// runs. Owned by the run. One thread (the world's).

#include <iterator>
#include <optional>

#include "simulation/alteration_workload.hpp"
#include "simulation/chore_workload.hpp"
#include "simulation/thread_workload.hpp"
#include "simulation/upkeep_workload.hpp"

namespace dbcord::simulation {

struct other_workloads {
  upkeep_workload upkeep;
  std::optional<alteration_workload> alterations;
  std::optional<thread_workload> threads;
  std::optional<chore_workload> chores;

  other_workloads(world& w, simulated_guild& guild, trace& t, const scenario& s) : upkeep(w, guild, t, s) {
    if (s.alter_every > base::duration::zero()) alterations.emplace(w, guild, t, s);
    if (s.thread_every > base::duration::zero()) threads.emplace(w, guild, t, s);
    if (s.chore_every > base::duration::zero()) chores.emplace(w, guild, t, s);
  }

  // How they are set up; all of it must succeed.
  std::vector<slash_command> opening(const scenario& s) const {
    std::vector<slash_command> commands;
    auto add = [&](std::vector<slash_command> more) { std::move(more.begin(), more.end(), std::back_inserter(commands)); };
    if (alterations) add(alteration_workload::opening(s.unique_index));
    if (threads) add(thread_workload::opening());
    if (chores) add(chore_workload::opening(s));
    return commands;
  }
  void start() {
    each([](auto& w) { w.start(); });
  }
  void stop() {
    each([](auto& w) { w.stop(); });
  }
  bool idle() {
    bool all = true;
    each([&](auto& w) { all = all && w.idle(); });
    return all;
  }

 private:
  template <class What>
  void each(What what) {
    what(upkeep);
    if (alterations) what(*alterations);
    if (threads) what(*threads);
    if (chores) what(*chores);
  }
};

}  // namespace dbcord::simulation
