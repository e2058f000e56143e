#pragma once
// simulated_transport: the transport port of one simulated process, onto the network of the run. Lives in the process
// (process::make); the network outlives it.

#include "simulation/network.hpp"

namespace dbcord::simulation {

class simulated_transport final : public discord::transport {
 public:
  simulated_transport(const actor::environment& env, network& net, std::string who)
      : env_(env), net_(net), who_(std::move(who)) {}

  actor::task<base::result<discord::http_response>> send(discord::http_request request,
                                                         base::steady_time deadline) override;
  actor::task<base::result<std::unique_ptr<discord::event_stream>>> open(std::string url,
                                                                        base::steady_time deadline) override;

 private:
  const actor::environment& env_;
  network& net_;
  std::string who_;
};

}  // namespace dbcord::simulation
