#pragma once
// network: what lies between the simulated processes and the guild: latency, and the faults of a plan, all drawn from one
// seed. A request that has left goes its way even if its process dies; the guild may apply it long after its client gave
// up. Owned by the run; outlives every process. One thread (the world's).
//
// It also watches the rate limits: a 429 by the guild that the client's process could have foreseen from headers is a
// violation. While something hid headers from it (a fault, a new process) it is blind, and a 429 is excused.

#include <functional>

#include "actor/promise.hpp"
#include "discord/transport.hpp"
#include "simulation/fault_plan.hpp"
#include "simulation/log_watch.hpp"
#include "simulation/simulated_guild.hpp"

namespace dbcord::simulation {

struct network_stats {
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  std::uint64_t drops = 0;              // of gateway connections
  std::uint64_t limited = 0;            // 429 by the guild itself
  std::uint64_t limited_by_fault = 0;   // of those, by a fault of the guild's own, whatever headers had said
  std::uint64_t limited_foreseeable = 0;
};

class gateway_link;

class network {
 public:
  using answer = base::result<discord::http_response>;

  // How long a hidden answer can matter: longer than any window of the limits in use.
  static constexpr base::duration blind_for = std::chrono::seconds(12);

  network(world& w, simulated_guild& guild, trace& t);
  ~network();

  // Changing it takes effect with the next request.
  fault_plan plan;
  // Of single processes, by name, instead of `plan`; what concerns the gateway is always that of `plan`.
  std::map<std::string, fault_plan> plan_of;

  void send(const std::string& who, discord::http_request request, base::duration patience,
            actor::promise<answer> reply);
  void open(const std::string& who, std::string url,
            actor::promise<base::result<std::unique_ptr<discord::event_stream>>> reply);

  // Every gateway connection breaks now, as by the plan.
  void drop_links();
  // Called whenever an answer to a written message reaches that process.
  std::map<std::string, std::function<void()>> on_written;
  // Called when the answer to a message that this process writes is going to be lost.
  std::function<void(const std::string& who)> on_lost;

  // A process has started: it knows no limits yet.
  void process_started() { blind(); }
  // The guild has forgotten what it counted.
  void guild_restarted() { blind(); }
  // Several processes use one token: none sees all headers, and no 429 is anybody's fault.
  void share_token() { blind_until_ = base::steady_time::max(); }
  // The guild allows a tenth of what is usual: windows are longer, and no header tells the lower global limit before its first 429.
  void tenth_of_limits() {
    blind_for_ = 10 * blind_for;
    global_untold_ = true;
  }
  // The guild allows a tenth from now on, or what is usual again. Windows that are open stay as they are: whatever comes of those is excused.
  void limits_cut(bool yes) {
    blind_until_ = std::max(blind_until_, world_.now() + blind_for);
    blind_for_ = yes ? 10 * blind_for : blind_for;
    global_untold_ = true;
  }
  // Requests that may still reach the guild.
  std::size_t travelling() const { return travelling_; }
  const network_stats& stats() const { return stats_; }
  // One line for each 429 that could have been foreseen.
  const std::vector<std::string>& violations() const { return violations_; }
  const std::vector<std::string>& log_violations() const { return log_watch_.violations(); }
  std::size_t deltas_written() const { return log_watch_.deltas(); }
  const logged_content& log_content() const { return log_watch_.content(); }
  std::set<std::string> records_that_count() const { return log_watch_.records_that_count(); }

 private:
  friend class gateway_link;

  struct exchange;

  void carry(std::shared_ptr<exchange> x);
  void serve(std::shared_ptr<exchange> x);
  void apply(std::shared_ptr<exchange> x);
  void give_up(std::shared_ptr<exchange> x);
  void make_stale(const exchange& x, discord::http_response& response);
  void watch_limits(const exchange& x, const discord::http_response& response);
  void note_false_headers(const exchange& x, const discord::http_response& response);
  void blind() { blind_until_ = std::max(blind_until_, world_.now() + blind_for_); }
  const fault_plan& plan_for(const std::string& who) const {
    auto own = plan_of.find(who);
    return own == plan_of.end() ? plan : own->second;
  }
  base::duration latency() { return draw_latency(plan, random_); }
  // Runs `event` after one way through the network and counts it as travelling until then.
  void travel(base::duration d, base::unique_function<void()> event);

  world& world_;
  simulated_guild& guild_;
  trace& trace_;
  base::seeded_random random_;
  std::uint64_t last_request_ = 0;
  std::size_t travelling_ = 0;
  bool global_untold_ = false;
  base::duration blind_for_ = blind_for;
  base::steady_time blind_until_{};
  std::map<std::string, base::steady_time> misled_until_;  // by bucket and what it is of: headers said that something remains
  network_stats stats_;
  std::map<const gateway_link*, std::shared_ptr<gateway_link>> links_;  // the guild knows them; only looked up
  std::vector<std::string> violations_;
  log_watch log_watch_;
};

}  // namespace dbcord::simulation
