#pragma once
// lone_worker: one person beside the workload, who gives one command after another, with pauses between, until told to stop. What they do is a class of its own.
// Owned by the run; world and guild outlive it. One thread (the world's).

#include "simulation/scenario.hpp"
#include "simulation/simulated_user.hpp"

namespace dbcord::simulation {

class lone_worker {
 public:
  void start();
  void stop() { working_ = false; }
  bool idle() const { return !busy_; }

 protected:
  // `every`: the mean of the pauses.
  lone_worker(world& w, simulated_guild& guild, trace& t, std::string name, base::duration every, std::uint64_t seed);
  ~lone_worker();

  // Asks for one thing, by ask().
  virtual void act() = 0;
  // `told` first, then goes on.
  void ask(slash_command command, base::duration patience, std::function<void(const user_reply&)> told);

  world& world_;
  trace& trace_;
  base::seeded_random random_;

 private:
  void next();

  simulated_user user_;
  base::duration every_;
  bool working_ = false;
  bool busy_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
