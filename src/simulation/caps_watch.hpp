#pragma once
// caps_watch: looks now and then, all through a run, whether the processes that have the databases keep to their caps (caps). Owned by the run; the processes' supervisors
// outlive it. One thread (the world's).

#include "simulation/supervisor.hpp"

namespace dbcord::simulation {

class caps_watch {
 public:
  caps_watch(world& w, const scenario& s, std::vector<supervisor*> processes);
  ~caps_watch() { *alive_ = false; }

  // From now on.
  void start();
  std::uint64_t looks() const { return seen_->looks; }
  const std::vector<std::string>& violations() const { return seen_->violations; }

 private:
  struct findings {
    std::uint64_t looks = 0;
    std::vector<std::string> violations;
  };

  static actor::task<void> look(const actor::environment& env, database::engine& engine, caps promised, std::string who, std::shared_ptr<findings> into);
  void next();

  world& world_;
  caps promised_;
  std::vector<supervisor*> processes_;
  base::seeded_random random_;
  std::shared_ptr<findings> seen_ = std::make_shared<findings>();  // what lives in a process may outlive its supervisor's interest
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
