#pragma once
// beast_transport: the transport port over real sockets: HTTP/1.1 with keep-alive connections, TLS for https and wss,
// WebSocket.
//
// Owner: the application, one per process; any thread may call send() and open(). Each connection works on a strand of
// its own. It outlives the calls made on it; event streams may outlive it.
// Failures: not_sent when no byte of the request can have reached the server, interrupted when one may have. What the
// peer does wrong (garbage, a certificate that does not verify) is one of these two with a sentence that says so.
// Limits: see beast_transport_options.

#include <memory>
#include <string>

#include "discord/transport.hpp"

namespace dbcord::discord {

struct beast_transport_options {
  std::size_t connections = 64;         // at once to one (scheme, host, port); further requests wait for one, in order
  std::size_t reserved_connections = 2; // beyond these, for requests marked `reserved`
  base::duration idle_limit = std::chrono::seconds(30);  // an unused connection is closed after this
  std::size_t response_limit = 64 * 1024 * 1024;         // bytes of an answer's body
  std::size_t message_limit = 64 * 1024 * 1024;          // bytes of a WebSocket message
  std::string extra_authorities;  // PEM certificates trusted besides the system's store
};

class beast_transport final : public transport {
 public:
  // Throws boost::system::system_error when OpenSSL cannot be set up or extra_authorities is no PEM text.
  explicit beast_transport(const actor::environment& env, beast_transport_options options = {});
  ~beast_transport() override;

  actor::task<base::result<http_response>> send(http_request request, base::steady_time deadline) override;
  actor::task<base::result<std::unique_ptr<event_stream>>> open(std::string url, base::steady_time deadline) override;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace dbcord::discord
