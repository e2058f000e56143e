#pragma once
// rivals: further processes that are pointed at the guild of a run, beside the bot: one, or two. Each is kept running by a supervisor of its own. Owned by the
// run. One thread (the world's).

#include <memory>
#include <vector>

#include "simulation/supervisor.hpp"

namespace dbcord::simulation {

class rivals {
 public:
  // As many supervisors as the scenario has rivals, but at least one (which then stays idle).
  rivals(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, supervisor& bot);

  // The bot comes first.
  const std::vector<supervisor*>& all_and_bot() const { return all_; }
  // Each process's client reads what the next one's counts.
  void read_each_other();
  void allow_crashes(bool yes);
  // Ended, and not started again.
  void end();
  // Of all processes, the bot's too.
  void rest_clients(bool yes);
  std::uint64_t crashes() const;
  std::uint64_t starts() const;
  pause_figures pauses() const;
  // How many of the supervisors, the bot's too, had the databases open at some time.
  std::uint64_t holders() const;

  const std::vector<std::unique_ptr<supervisor>>& own() const { return own_; }

 private:
  std::vector<std::unique_ptr<supervisor>> own_;
  std::vector<supervisor*> all_;
};

}  // namespace dbcord::simulation
