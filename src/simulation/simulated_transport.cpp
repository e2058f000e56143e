#include "simulation/simulated_transport.hpp"

namespace dbcord::simulation {

actor::task<base::result<discord::http_response>> simulated_transport::send(discord::http_request request,
                                                                            base::steady_time deadline) {
  actor::promise<network::answer> reply;
  net_.send(who_, std::move(request), deadline - env_.now(), reply);
  auto answer = co_await reply.get_until(env_, deadline);
  if (!answer) co_return base::error(discord::transport_errc::interrupted, "no answer before the deadline");
  co_return std::move(*answer);
}

actor::task<base::result<std::unique_ptr<discord::event_stream>>> simulated_transport::open(
    std::string url, base::steady_time deadline) {
  actor::promise<base::result<std::unique_ptr<discord::event_stream>>> reply;
  net_.open(who_, std::move(url), reply);
  auto answer = co_await reply.get_until(env_, deadline);
  if (!answer) co_return base::error(discord::transport_errc::not_sent, "not connected before the deadline");
  co_return std::move(*answer);
}

}  // namespace dbcord::simulation
