#pragma once
// mishaps: what befalls a run while people work, besides the network's everyday faults: the guild is killed and comes back, allows a tenth of what is usual
// for a while, spells of bad luck, processes that die when an answer is lost, messages deleted by hand. Owned by the run; everything random comes from the run's source.

#include <set>
#include <string>
#include <vector>

#include "simulation/owner_view.hpp"
#include "simulation/rivals.hpp"
#include "simulation/verification_reply.hpp"

namespace dbcord::simulation {

class mishaps {
 public:
  mishaps(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, supervisor& bot, rivals& others, base::random_source& random)
      : world_(w), guild_(guild), network_(net), trace_(t), scenario_(s), bot_(bot), rivals_(others), random_(random) {}

  // The bot is ready.
  void start();
  // Nothing new befalls anybody; a spell that has begun goes on to its end.
  void stop() { working_ = false; }
  // All is well from now on: ends a spell, too.
  void end();

  std::uint64_t cuts() const { return cuts_; }  // of the limits
  const hand_deletions& deleted_by_hand() const { return deleted_by_hand_; }

 private:
  void plan_guild_restart();
  void plan_spell();
  void plan_cut();
  void cut_limits(bool yes);
  void plan_deaths();
  void plan_hand();
  void plan_tidying();
  std::vector<base::message_id> claims_that_have_served() const;
  // In a message: versions of rows, by key and LSN.
  struct stood_there {
    std::vector<std::pair<std::string, std::uint64_t>> versions;
    bool readable = true;  // that is all of them
  };
  stood_there what_stands_in(const seen_message& m) const;
  bool may_be_all_there_is(const stood_there& all) const;
  std::string holder() const;

  world& world_;
  simulated_guild& guild_;
  network& network_;
  trace& trace_;
  const scenario& scenario_;
  supervisor& bot_;
  rivals& rivals_;
  base::random_source& random_;
  std::vector<base::channel_id> channels_;  // of tables
  hand_deletions deleted_by_hand_;
  guild::rate_table usual_limits_;
  std::uint64_t cuts_ = 0;
  bool cut_ = false;
  bool working_ = false;
  bool ended_ = false;
};

}  // namespace dbcord::simulation
