#pragma once
// The transport port: everything that `discord` asks of a network. Implemented with Beast (beast_transport) and, for
// simulation, by direct calls of the guild's core. It knows nothing of Discord: no tokens, no limits, no retries.
// Any executor; send() may be called concurrently. It outlives the calls made on it.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "actor/environment.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::discord {

// What a failed send() says about the effect; the only distinction that matters to a database.
enum class transport_errc {
  not_sent = 1,  // certain: the server never saw the request (cannot connect, TLS refused, deadline before sending)
  interrupted    // uncertain: it was sent, in part or whole, and no complete answer came (reset, timeout)
};
const boost::system::error_category& transport_category() noexcept;
boost::system::error_code make_error_code(transport_errc e) noexcept;

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method;   // "GET", "POST", "PUT", "PATCH", "DELETE"
  std::string url;      // absolute: http://host[:port]/path?query or https://…
  http_headers headers; // Host and Content-Length are the transport's business
  std::string body;
  bool reserved = false;  // may use the connections reserved for interaction callbacks
};

struct http_response {
  int status = 0;
  http_headers headers;
  std::string body;
  // When the request began to leave, after any connecting; the epoch: not known.
  base::steady_time sent_at{};

  // Case-insensitive; empty if absent.
  std::string_view header(std::string_view name) const;
};

struct stream_frame {
  bool binary = false;
  std::string data;
};
struct stream_closed {
  int code = 1006;  // WebSocket close code; 1006: the connection was lost without a close frame (RFC 6455, 7.4.1)
  std::string reason;
};
using stream_event = std::variant<stream_frame, stream_closed>;

// One WebSocket connection. Used from one strand; receive() may be pending while send() or close() runs, but there is
// at most one receive() and one send() at a time. Destroying it drops the connection (the peer sees 1006).
class event_stream {
 public:
  virtual ~event_stream() = default;
  // After stream_closed it is not called again.
  virtual actor::task<stream_event> receive() = 0;
  virtual actor::task<base::result<void>> send(std::string text) = 0;
  // Sends a close frame; a pending receive() answers stream_closed soon after. Idempotent.
  virtual actor::task<void> close(int code, std::string reason) = 0;
};

class transport {
 public:
  virtual ~transport() = default;
  virtual actor::task<base::result<http_response>> send(http_request request, base::steady_time deadline) = 0;
  // `url` is ws://… or wss://…, with its query string.
  virtual actor::task<base::result<std::unique_ptr<event_stream>>> open(std::string url,
                                                                       base::steady_time deadline) = 0;
};

}  // namespace dbcord::discord

template <>
struct boost::system::is_error_code_enum<dbcord::discord::transport_errc> : std::true_type {};
