#pragma once
// upkeep_workload: one more person, who gives commands that remove messages for good while the others work: /dbc_vacuum, also into a fresh channel
// (full:true), /dbc_purge of a row of its own, and /dbc_history_set so that there is something to remove; in some runs also makes, restores into, and drops a whole database of its own. What it is told does not matter; what it does must harm no row and no acknowledgement. Owned by the run;
// world and guild outlive it. One thread (the world's).

#include "database/engine.hpp"
#include "simulation/lone_worker.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view own_database = "scratch";

class upkeep_workload final : public lone_worker {
 public:
  upkeep_workload(world& w, simulated_guild& guild, trace& t, const scenario& s);

  bool limits_histories() const { return limited_; }  // it has asked that fewer versions are kept
  std::uint64_t removals() const { return removals_; }  // commands that removed something
  // Its own database is there although its drop was acknowledged, and nothing that might make it again was left without an answer.
  std::vector<std::string> violations(const database::engine& engine) const;

 private:
  void act() override;
  slash_command draw();
  slash_command draw_history(const std::string& table, std::int64_t versions);
  slash_command draw_vacuum(const std::string& table);
  slash_command draw_move(const std::string& table);
  slash_command draw_of_own_database();
  slash_command draw_shown_index(const std::string& table);
  void note(const slash_command& asked, const user_reply& reply);

  scenario scenario_;
  std::uint64_t removals_ = 0;
  std::uint64_t own_steps_ = 0;
  int forgetful_tables_ = 0;
  bool own_gone_ = false;
  bool limited_ = false;
  bool own_in_doubt_ = false;
};

}  // namespace dbcord::simulation
