#pragma once
// past_reader: how the workload's people read the past: histories of rows, by which they learn of LSNs, and rows as of such an LSN, of any other one from the first to
// the newest that anybody was told, or of one that may be yet to come. Owned by the workload; world and users outlive it. One thread (the world's).

#include "simulation/network.hpp"
#include "simulation/past_checks.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

class past_reader {
 public:
  past_reader(world& w, trace& t, const scenario& s);
  ~past_reader();

  // Instead of a read of this row.
  bool draws() { return looks_back_ && random_.below(2) == 0; }
  bool looks_back() const { return looks_back_; }
  // One question; `then` behind the answer.
  void ask(simulated_user& user, const std::string& table, const std::string& key, std::function<void()> then);

  // Once, in the end. Excuses that the scenario gives are added.
  std::vector<std::string> check(const network& net, const scenario& s, past_excuses excuses);
  const past_figures& figures() const { return figures_; }

 private:
  void ask_for_history(simulated_user& user, past_history about, std::function<void()> then);
  void ask_as_of(simulated_user& user, past_read about, std::function<void()> then);
  std::uint64_t draw_lsn();

  world& world_;
  trace& trace_;
  base::seeded_random random_;
  bool looks_back_;
  bool cuts_files_;
  std::uint64_t newest_told_ = 0;
  std::vector<std::uint64_t> told_;  // LSNs
  std::vector<past_read> reads_;
  std::vector<past_history> histories_;
  past_figures figures_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
