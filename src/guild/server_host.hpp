#pragma once
// server_host: what HTTP and WebSocket sessions ask of the server that owns them. Everything on the server's strand.

#include <memory>

#include "actor/environment.hpp"
#include "guild/core.hpp"
#include "guild/server.hpp"

namespace dbcord::guild {

// A connection of either kind, as the server sees it. Keeps itself alive while an operation is in progress.
class session {
 public:
  virtual ~session() = default;
  // Finishes what is in progress, says good-bye, closes.
  virtual void wind_down() = 0;
  // Closes now.
  virtual void drop() = 0;
};

// Who waits for the answer to a request.
class http_peer {
 public:
  virtual ~http_peer() = default;
  virtual void respond(http_response response) = 0;
  // It connects from this machine.
  virtual bool is_local() const = 0;
};

// A gateway connection. Frames go out in the order of the calls.
class gateway_peer {
 public:
  virtual ~gateway_peer() = default;
  virtual void send(outgoing_frame frame) = 0;
};

class server_host {
 public:
  virtual ~server_host() = default;
  virtual const actor::environment& env() const = 0;
  virtual const actor::strand& strand() const = 0;
  virtual const server_options& options() const = 0;

  virtual void handle(const http_request& request, std::shared_ptr<http_peer> from) = 0;
  virtual connection_id connect(std::shared_ptr<gateway_peer> peer, std::string_view query) = 0;
  virtual void receive(connection_id id, std::string_view text) = 0;
  virtual void disconnect(connection_id id, int code) = 0;
  // The peer is closed by our own will; frames to it are dropped from now on.
  virtual void forget(connection_id id) = 0;

  // Sessions register while they live, under the number that add() answers; 0 when the server takes no more.
  virtual std::uint64_t add(std::shared_ptr<session> s) = 0;
  virtual void remove(std::uint64_t number) = 0;
  // Memory for a body of that size; false when the budget is spent.
  virtual bool reserve_body(std::size_t bytes) = 0;
  virtual void release_body(std::size_t bytes) = 0;
};

}  // namespace dbcord::guild
