#pragma once
// simulated_guild: drives the guild's core on a world's virtual time, as the Beast shell does on real time: routes frames
// to connections, keeps attachments and records, ticks. Requests are applied at the instant of the call; latency and
// faults are the transport's business. Owned by the run, outlives every process. One thread (the world's).

#include <map>
#include <memory>
#include <set>

#include "guild/core.hpp"
#include "simulation/trace.hpp"
#include "simulation/world.hpp"

namespace dbcord::simulation {

// The client's end of a gateway connection. Called at the instant at which the guild says something.
class frame_sink {
 public:
  virtual ~frame_sink() = default;
  // After a frame with a close code nothing more comes.
  virtual void take(guild::outgoing_frame frame) = 0;
};

class simulated_guild {
 public:
  simulated_guild(world& w, trace& t, guild::core_options options);
  ~simulated_guild();

  guild::credentials credentials() const { return core_->get_credentials(); }
  const guild::core_options& options() const { return options_; }

  guild::http_response request(const guild::http_request& request);
  // A look from outside: as request(), waiting out the guild's rate limits.
  guild::http_response inspect(const guild::http_request& request);

  // What goes wrong within the guild from now on, also behind a restart.
  void set_faults(const guild::fault_plan& plan);
  // How often each of that has been drawn, by the names of the plan; "reconnect", "invalidate".
  std::map<std::string, std::uint64_t> faults_drawn();
  // Of a 429 that was answered just now, to be asked once for each: it was one of these faults.
  bool refused_by_fault();
  // Of a message that was written just now, to be asked once for each: its nonce had been forgotten.
  bool forgot_nonce();
  // From the next request on, also behind a restart.
  void set_limits(const guild::rate_table& limits);

  // A new gateway connection; `sink` must stay until it was told of the end or has called disconnect().
  guild::connection_id connect(std::string_view query, frame_sink& sink);
  void receive(guild::connection_id id, std::string_view text);
  // The client has closed (its code) or vanished (1006). Unknown ids are ignored: the guild may have closed first.
  void disconnect(guild::connection_id id, int code);

  // As kill -9 and a new start from what was durable: every connection is lost without a close frame.
  void restart();

 private:
  class attachments : public guild::attachment_store {
   public:
    std::optional<std::string> read(base::attachment_id id) override;
    std::map<base::attachment_id, std::string> bytes;
  };

  void open();
  guild::http_request faults_request(std::string method, std::string body = {}) const;
  void put_faults(const guild::fault_plan& plan);
  std::map<std::string, std::uint64_t> faults_counted();  // since the plan was put
  // Everything but the response.
  void perform(guild::effects& effects);
  void arm();

  world& world_;
  trace& trace_;
  guild::core_options options_;
  base::seeded_random random_;
  attachments attachments_;
  std::vector<std::string> records_;
  guild::fault_plan faults_;
  std::uint64_t restarts_ = 0;
  std::uint64_t refusals_seen_ = 0;  // by faults, since the plan was put
  std::uint64_t forgotten_seen_ = 0; // nonces, the same
  std::map<std::string, std::uint64_t> faults_before_;  // until the plan was put
  std::unique_ptr<guild::core> core_;
  std::map<guild::connection_id, frame_sink*> sinks_;
  guild::connection_id last_connection_ = 0;
  std::optional<actor::timer_service::timer_id> tick_;
  std::optional<base::system_time> tick_at_;
};

}  // namespace dbcord::simulation
