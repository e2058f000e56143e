#pragma once
// other_workloads: everybody of a run who works beside the workload, as the scenario says: upkeep always, alterations of columns and threads of rows in some
// runs. Owned by the run. One thread (the world's).

#include <optional>

#include "simulation/alteration_workload.hpp"
#include "simulation/thread_workload.hpp"
#include "simulation/upkeep_workload.hpp"

namespace dbcord::simulation {

struct other_workloads {
  upkeep_workload upkeep;
  std::optional<alteration_workload> alterations;
  std::optional<thread_workload> threads;

  other_workloads(world& w, simulated_guild& guild, trace& t, const scenario& s) : upkeep(w, guild, t, s) {
    if (s.alter_every > base::duration::zero()) alterations.emplace(w, guild, t, s);
    if (s.thread_every > base::duration::zero()) threads.emplace(w, guild, t, s);
  }

  // How they are set up; all of it must succeed.
  std::vector<slash_command> opening(bool unique_index) const {
    std::vector<slash_command> commands;
    if (alterations) commands = alteration_workload::opening(unique_index);
    if (!threads) return commands;
    for (auto& c : thread_workload::opening()) commands.push_back(std::move(c));
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
  }
};

}  // namespace dbcord::simulation
