#pragma once
// WebSocket connections (RFC 6455) as event streams. Each works on a strand of its own; the caller's executor is its own
// business. Neither compression nor pings of ours: the gateway has heartbeats for that.

#include "discord/beast_transport_url.hpp"
#include "discord/transport.hpp"

namespace boost::asio::ssl {
class context;
}

namespace dbcord::discord {

struct stream_settings {
  const actor::environment& env;
  boost::asio::ssl::context& tls;
  std::size_t message_limit;
};

// Every failure is `not_sent`: nothing but the handshake has gone over the wire.
actor::task<base::result<std::unique_ptr<event_stream>>> open_stream(stream_settings settings, request_url url,
                                                                     base::steady_time deadline);

}  // namespace dbcord::discord
