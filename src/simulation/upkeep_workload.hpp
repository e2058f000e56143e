#pragma once
// upkeep_workload: one more person, who gives commands that remove messages for good while the others work: /dbc_vacuum, also into a fresh channel
// (full:true), /dbc_purge of a row of its own, and /dbc_history_set so that there is something to remove; in some runs also makes, restores into, and drops a whole database of its own. What it is told does not matter; what it does must harm no row and no acknowledgement. Owned by the run;
// world and guild outlive it. One thread (the world's).

#include "database/engine.hpp"
#include "simulation/simulated_user.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view own_database = "scratch";

class upkeep_workload {
 public:
  upkeep_workload(world& w, simulated_guild& guild, trace& t, const scenario& s);
  ~upkeep_workload();

  void start();
  void stop() { working_ = false; }
  bool idle() const { return !busy_; }
  std::uint64_t removals() const { return removals_; }  // commands that removed something
  // Its own database is there although its drop was acknowledged, and nothing that might make it again was left without an answer.
  std::vector<std::string> violations(const database::engine& engine) const;

 private:
  void next();
  void act();
  slash_command draw();
  slash_command draw_history(const std::string& table, std::int64_t versions);
  slash_command draw_vacuum(const std::string& table);
  slash_command draw_move(const std::string& table);
  slash_command draw_of_own_database();
  slash_command draw_shown_index(const std::string& table);
  void note(const slash_command& asked, const user_reply& reply);

  world& world_;
  trace& trace_;
  scenario scenario_;
  base::seeded_random random_;
  simulated_user user_;
  bool working_ = false;
  bool busy_ = false;
  std::uint64_t removals_ = 0;
  std::uint64_t own_steps_ = 0;
  int forgetful_tables_ = 0;
  bool own_gone_ = false;
  bool own_in_doubt_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
