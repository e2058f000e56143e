#include "guild/websocket_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

#include "actor/watchdog.hpp"
#include "guild/gateway_compression.hpp"

namespace dbcord::guild {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t message_limit = 64 * 1024;  // bytes; the core refuses far smaller ones (discord-facts 5.8)
constexpr std::chrono::seconds handshake_limit{10};
constexpr std::chrono::seconds close_limit{2};  // for the close frame to leave and the peer's to come
constexpr int too_slow = 4008;
constexpr int going_away = 1001;
constexpr int vanished = 1006;

http::request<http::empty_body> as_beast(const http_request& request) {
  http::request<http::empty_body> out;
  out.method_string(request.method);
  out.target(request.target);
  out.version(11);
  for (const auto& [name, value] : request.headers) out.insert(name, value);
  return out;
}

std::string query_of(const std::string& target) {
  auto mark = target.find('?');
  return mark == std::string::npos ? std::string() : target.substr(mark + 1);
}

class websocket_session final : public session,
                                public gateway_peer,
                                public std::enable_shared_from_this<websocket_session> {
 public:
  websocket_session(std::shared_ptr<server_host> host, tcp::socket socket)
      : host_(std::move(host)), stream_(std::move(socket)) {}

  void start(http_request upgrade) {
    number_ = host_->add(shared_from_this());
    if (number_ == 0) return;
    watchdog_ = std::make_shared<actor::watchdog>(host_->env(), host_->strand(), [this] { drop(); });
    watchdog_->set(host_->env().after(handshake_limit));
    stream_.read_message_max(message_limit);
    stream_.auto_fragment(false);
    stream_.text(true);
    query_ = query_of(upgrade.target);
    request_ = as_beast(upgrade);
    stream_.async_accept(request_, [self = shared_from_this()](error_code ec) { self->accepted(ec); });
  }

  void send(outgoing_frame frame) override {
    if (closing_) return;
    if (frame.close_code == vanished) return vanish();
    if (frame.close_code) return close(*frame.close_code);
    queued_bytes_ += frame.text.size();
    queue_.push_back(std::move(frame.text));
    const auto& bounds = host_->options();
    if (queued_bytes_ > bounds.gateway_queue_bytes || queue_.size() > bounds.gateway_queue_frames) return overflow();
    write_next();
  }

  void wind_down() override {
    if (id_ == 0) return drop();
    host_->forget(id_);
    close(going_away);
  }

  void drop() override {
    closing_ = true;
    error_code ignored;
    stream_.next_layer().close(ignored);
    finish();
  }

 private:
  void accepted(error_code ec) {
    if (ec || closing_) return drop();
    watchdog_->clear();
    compressor_ = make_gateway_compressor(query_);
    stream_.binary(compressor_ != nullptr);
    id_ = host_->connect(shared_from_this(), query_);
    read_next();
  }

  void read_next() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code ec, std::size_t) { self->received(ec); });
  }

  void received(error_code ec) {
    if (ec) return lost(ec);
    if (!closing_) {
      auto data = buffer_.cdata();
      host_->receive(id_, {static_cast<const char*>(data.data()), data.size()});
    }
    buffer_.clear();
    read_next();
  }

  void lost(error_code ec) {
    int code = 1006;
    if (ec == websocket::error::closed) code = stream_.reason().code ? stream_.reason().code : 1005;
    leave(code);
    if (!closing_) drop();
  }

  // Tells the core, unless it was the core (or the server) that ended it.
  void leave(int code) {
    auto id = std::exchange(id_, 0);
    if (id != 0 && !closing_) host_->disconnect(id, code);
  }

  void write_next() {
    if (writing_) return;
    if (queue_.empty()) {
      if (closing_) send_close();
      return;
    }
    writing_ = true;
    auto text = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= text.size();
    current_ = compressor_ ? compressor_->compress(text) : std::move(text);
    stream_.async_write(asio::buffer(current_), [self = shared_from_this()](error_code ec, std::size_t) {
      self->writing_ = false;
      if (ec) return self->leave(1006), self->drop();
      self->write_next();
    });
  }

  // Without a word, as if the network had broken. The core is in the middle of handing out frames.
  void vanish() {
    closing_ = true;
    asio::post(host_->strand(), [self = shared_from_this()] { self->drop(); });
  }

  // After what is queued.
  void close(int code) {
    if (std::exchange(closing_, true)) return;
    close_code_ = code;
    watchdog_->set(host_->env().after(close_limit));
    write_next();
  }

  void send_close() {
    if (std::exchange(close_sent_, true)) return;
    websocket::close_reason why(static_cast<websocket::close_code>(close_code_));
    stream_.async_close(why, [self = shared_from_this()](error_code) { self->drop(); });
  }

  // The core hears of it later: it is in the middle of handing out frames.
  void overflow() {
    queue_.clear();
    queued_bytes_ = 0;
    close(too_slow);
    auto id = std::exchange(id_, 0);
    asio::post(host_->strand(), [host = host_, id] { host->disconnect(id, 1006); });
  }

  void finish() {
    if (watchdog_) watchdog_->stop();
    if (id_ != 0) host_->forget(std::exchange(id_, 0));
    host_->remove(std::exchange(number_, 0));
  }

  std::shared_ptr<server_host> host_;
  websocket::stream<tcp::socket> stream_;
  http::request<http::empty_body> request_;
  std::string query_;
  std::shared_ptr<actor::watchdog> watchdog_;
  boost::beast::flat_buffer buffer_;
  std::unique_ptr<gateway_compressor> compressor_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  std::string current_;  // being written
  std::uint64_t number_ = 0;
  connection_id id_ = 0;
  int close_code_ = 0;
  bool writing_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
};

}  // namespace

void start_websocket_session(std::shared_ptr<server_host> host, tcp::socket socket, http_request upgrade) {
  std::make_shared<websocket_session>(std::move(host), std::move(socket))->start(std::move(upgrade));
}

}  // namespace dbcord::guild
