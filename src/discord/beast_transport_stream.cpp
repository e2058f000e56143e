#include "discord/beast_transport_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include "actor/watchdog.hpp"
#include "discord/beast_transport_connect.hpp"

namespace dbcord::discord {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

constexpr std::chrono::seconds close_patience{2};  // how long the peer may take to answer a close frame

using send_result = base::result<void>;

// One connection; every function runs on its strand. Kept alive by the operations in progress on it.
class websocket_connection {
 public:
  virtual ~websocket_connection() = default;
  virtual const actor::strand& strand() const = 0;
  virtual actor::task<send_result> handshake(request_url url, base::steady_time deadline) = 0;
  virtual actor::task<stream_event> receive() = 0;
  virtual actor::task<send_result> send(std::string text) = 0;
  virtual actor::task<void> close(int code, std::string reason) = 0;
  virtual void drop() = 0;
};

base::error refused(const request_url& url, std::string_view why) {
  return {make_error_code(transport_errc::not_sent),
          fmt::format("{} does not open a WebSocket: {}", url.server.host_header(), why)};
}

template <class Stream>
class stream_connection final : public websocket_connection {
 public:
  explicit stream_connection(const stream_settings& settings)
      requires std::is_same_v<Stream, plain_stream>
      : env_(settings.env), strand_(env_.make_strand()), stream_(strand_) {
    set_up(settings.message_limit);
  }
  explicit stream_connection(const stream_settings& settings)
      requires std::is_same_v<Stream, tls_stream>
      : env_(settings.env), strand_(env_.make_strand()), stream_(strand_, settings.tls) {
    set_up(settings.message_limit);
  }

  const actor::strand& strand() const override { return strand_; }

  actor::task<send_result> handshake(request_url url, base::steady_time deadline) override {
    actor::watched_scope watched(*watchdog_, deadline);
    auto opened = co_await connect(env_, stream_.next_layer(), url.server, deadline);
    if (!opened) co_return opened.error();
    auto host = url.server.host_header();
    websocket::response_type answer;
    auto [ec] = co_await stream_.async_handshake(answer, host, url.target, as_values);
    if (ec == websocket::error::upgrade_declined) {
      co_return refused(url, fmt::format("it answered {} to the handshake", answer.result_int()));
    }
    if (ec) co_return refused(url, dropped_ ? std::string("the deadline passed") : ec.message());
    co_return send_result();
  }

  actor::task<stream_event> receive() override {
    buffer_.clear();
    auto [ec, size] = co_await stream_.async_read(buffer_, as_values);
    if (!ec) co_return stream_frame{stream_.got_binary(), boost::beast::buffers_to_string(buffer_.data())};
    auto end = ending(ec);
    if (!closing_) drop();
    co_return end;
  }

  actor::task<send_result> send(std::string text) override {
    auto [ec, size] = co_await stream_.async_write(asio::buffer(text), as_values);
    if (ec) co_return base::error(make_error_code(transport_errc::interrupted), "the WebSocket connection is closed: " + ec.message());
    co_return send_result();
  }

  actor::task<void> close(int code, std::string reason) override {
    if (std::exchange(closing_, true) || dropped_) co_return;
    actor::watched_scope watched(*watchdog_, env_.after(close_patience));
    reason.resize(std::min(reason.size(), websocket::reason_string::static_capacity));
    websocket::close_reason why(static_cast<websocket::close_code>(code), reason);
    co_await stream_.async_close(why, as_values);
    drop();
  }

  void drop() override {
    dropped_ = true;
    boost::system::error_code ignored;
    socket_of(stream_.next_layer()).close(ignored);
  }

 private:
  void set_up(std::size_t message_limit) {
    stream_.read_message_max(message_limit);
    stream_.text(true);
    stream_.auto_fragment(false);
    watchdog_ = std::make_shared<actor::watchdog>(env_, strand_, [this] { drop(); });
  }

  stream_closed ending(const boost::system::error_code& ec) const {
    if (ec != websocket::error::closed) return {1006, ec.message()};
    const auto& why = stream_.reason();
    // A close frame without a code (RFC 6455, 7.1.5).
    if (why.code == websocket::close_code::none) return {1005, {}};
    return {static_cast<int>(why.code), std::string(why.reason.c_str())};
  }

  const actor::environment& env_;
  actor::strand strand_;
  websocket::stream<Stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<actor::watchdog> watchdog_;
  bool closing_ = false;
  bool dropped_ = false;
};

using shared_connection = std::shared_ptr<websocket_connection>;

// Coroutines that hold the connection themselves: the event_stream may go before they begin, or while they are in progress.
actor::task<stream_event> receive_inside(shared_connection c) { co_return co_await c->receive(); }
actor::task<send_result> send_inside(shared_connection c, std::string text) { co_return co_await c->send(std::move(text)); }
actor::task<void> close_inside(shared_connection c, int code, std::string reason) {
  co_await c->close(code, std::move(reason));
}

// The same, from the caller's executor to the connection's strand and back.
template <class T>
actor::task<T> on_strand(shared_connection c, actor::task<T> work) {
  co_return co_await asio::co_spawn(c->strand(), std::move(work), asio::use_awaitable);
}

class beast_event_stream final : public event_stream {
 public:
  explicit beast_event_stream(shared_connection c) : connection_(std::move(c)) {}
  ~beast_event_stream() override {
    asio::post(connection_->strand(), [c = connection_] { c->drop(); });
  }

  actor::task<stream_event> receive() override { return on_strand(connection_, receive_inside(connection_)); }
  actor::task<send_result> send(std::string text) override {
    return on_strand(connection_, send_inside(connection_, std::move(text)));
  }
  actor::task<void> close(int code, std::string reason) override {
    return on_strand(connection_, close_inside(connection_, code, std::move(reason)));
  }

 private:
  shared_connection connection_;
};

}  // namespace

actor::task<base::result<std::unique_ptr<event_stream>>> open_stream(stream_settings settings, request_url url,
                                                                     base::steady_time deadline) {
  shared_connection made;
  if (url.server.tls) {
    made = std::make_shared<stream_connection<tls_stream>>(settings);
  } else {
    made = std::make_shared<stream_connection<plain_stream>>(settings);
  }
  auto work = made->handshake(std::move(url), deadline);
  auto opened = co_await asio::co_spawn(made->strand(), std::move(work), asio::use_awaitable);
  if (!opened) co_return opened.error();
  std::unique_ptr<event_stream> stream = std::make_unique<beast_event_stream>(std::move(made));
  co_return stream;
}

}  // namespace dbcord::discord
