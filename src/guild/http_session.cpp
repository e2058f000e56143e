#include "guild/http_session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>

#include "actor/watchdog.hpp"
#include "guild/server_http_text.hpp"
#include "guild/websocket_session.hpp"

namespace dbcord::guild {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t header_limit = 64 * 1024;
constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t linger_bytes = 1024 * 1024;       // of a refused request that are read and thrown away …
constexpr int pieces_a_second = 10;                     // of a slow answer
constexpr std::chrono::seconds linger_limit{2};         // … for this long, so that the refusal is not lost in a reset

class http_session final : public session, public http_peer, public std::enable_shared_from_this<http_session> {
 public:
  http_session(std::shared_ptr<server_host> host, tcp::socket socket)
      : host_(std::move(host)), socket_(std::move(socket)) {}

  void start() {
    number_ = host_->add(shared_from_this());
    if (number_ == 0) return;
    watchdog_ = std::make_shared<actor::watchdog>(host_->env(), host_->strand(), [this] { close(); });
    error_code ignored;  // a socket without the option is slow, not wrong
    socket_.set_option(tcp::no_delay(true), ignored);
    buffer_.reserve(read_size);
    next_request();
  }

  void wind_down() override {
    last_ = true;
    if (idle_) close();
  }
  void drop() override { close(); }

  bool is_local() const override {
    error_code gone;
    auto peer = socket_.remote_endpoint(gone).address();
    if (gone) return false;
    bool mapped = peer.is_v6() && peer.to_v6().is_v4_mapped();  // to a socket of both kinds
    return mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).is_loopback() : peer.is_loopback();
  }

  void respond(http_response response) override {
    answer_ = std::move(response);
    watchdog_->set(host_->env().after(host_->options().request_limit));
    if (answer_.delivery.broken) return reset();
    if (answer_.delivery.silent) return;  // until the watchdog
    if (answer_.delivery.delay > base::duration::zero()) return later(answer_.delivery.delay, &http_session::send_answer);
    send_answer();
  }

 private:
  // Answering -------------------------------------------------------------------------------------------------------

  void send_answer() {
    head_ = response_head(answer_, last_ || !keep_alive_);
    if (answer_.delivery.bytes_a_second != 0 || answer_.delivery.cut_after) return send_piece();
    std::array<asio::const_buffer, 2> out = {asio::buffer(head_), asio::buffer(answer_.body)};
    if (without_body_) out[1] = {};
    asio::async_write(socket_, out, [self = shared_from_this()](error_code ec, std::size_t) { self->answered(ec); });
  }

  // A fault: the body in pieces, or not to its end.
  void send_piece() {
    const auto& how = answer_.delivery;
    auto end = without_body_ ? 0 : std::min(answer_.body.size(), how.cut_after.value_or(answer_.body.size()));
    std::size_t size = end - sent_;
    if (how.bytes_a_second != 0) size = std::min(size, std::max<std::size_t>(1, how.bytes_a_second / pieces_a_second));
    std::array<asio::const_buffer, 2> out = {asio::buffer(head_), asio::buffer(answer_.body.data() + sent_, size)};
    if (sent_ != 0) out[0] = {};
    sent_ += size;
    watchdog_->set(host_->env().after(host_->options().request_limit));
    asio::async_write(socket_, out, [self = shared_from_this(), end](error_code ec, std::size_t) {
      if (ec || self->sent_ == end) return self->piece_was_last(ec);
      self->later(std::chrono::milliseconds(1000) / pieces_a_second, &http_session::send_piece);
    });
  }

  void piece_was_last(error_code ec) {
    if (answer_.delivery.cut_after) return reset();
    sent_ = 0;
    answered(ec);
  }

  void later(base::duration wait, void (http_session::*what)()) {
    if (!pause_) pause_ = std::make_shared<actor::watchdog>(host_->env(), host_->strand(), [this] { (this->*after_pause_)(); });
    after_pause_ = what;
    pause_->set(host_->env().after(wait));
  }

  // The peer sees a broken connection, not an orderly end.
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    close();
  }

  // Reading ---------------------------------------------------------------------------------------------------------

  void next_request() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(host_->options().body_limit);
    if (buffer_.size() != 0) return read_header();
    idle_ = true;
    watchdog_->set(host_->env().after(host_->options().idle_limit));
    socket_.async_read_some(buffer_.prepare(read_size), [self = shared_from_this()](error_code ec, std::size_t n) {
      self->idle_ = false;
      if (ec) return self->close();
      self->buffer_.commit(n);
      self->read_header();
    });
  }

  void read_header() {
    watchdog_->set(host_->env().after(host_->options().request_limit));
    http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->broken(ec);
      self->header_read();
    });
  }

  void header_read() {
    if (boost::beast::websocket::is_upgrade(parser_->get())) return upgrade();
    keep_alive_ = parser_->keep_alive();
    without_body_ = parser_->get().method() == http::verb::head;
    auto encoding = parser_->get()[http::field::content_encoding];
    if (!encoding.empty() && !boost::beast::iequals(encoding, "identity"))
      return refuse(415, "Compressed bodies are not taken; send the body as it is, without Content-Encoding.");
    if (parser_->is_done()) return serve();
    auto length = parser_->content_length();
    auto size = length ? *length : host_->options().body_limit;
    if (!host_->reserve_body(size)) return refuse(503, "Too many large requests at once; try again later.");
    body_ = size;
    if (boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) return invite_body();
    read_body();
  }

  void invite_body() {
    static constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(invitation), [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->broken(ec);
      self->serve();
    });
  }

  void serve() {
    watchdog_->clear();
    auto request = take_request();
    release_body();
    host_->handle(request, shared_from_this());
  }

  http_request take_request() {
    auto message = parser_->release();
    http_request out;
    out.method = std::string(message.method_string());
    out.target = std::string(message.target());
    for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
    out.body = std::move(message.body());
    return out;
  }

  void upgrade() {
    auto request = take_request();
    auto path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (path != "/" && path != "/gateway") return refuse(404, "The gateway is at / and /gateway.");
    auto socket = std::move(socket_);
    auto host = host_;
    close();
    start_websocket_session(std::move(host), std::move(socket), std::move(request));
  }

  // Ending ----------------------------------------------------------------------------------------------------------

  void broken(error_code ec) {
    if (ec == http::error::body_limit) return refuse(413, "Request entity too large", 40005);
    if (ec == http::error::header_limit) return refuse(431, "The request's header is too large.");
    bool of_http = ec.category() == http::make_error_code(http::error::end_of_stream).category();
    if (!of_http || ec == http::error::end_of_stream || ec == http::error::partial_message) return close();
    refuse(400, "This is no HTTP/1.1 request: " + ec.message() + ".");
  }

  void refuse(int status, std::string_view why, int code = 0) {
    refused_ = last_ = true;
    respond(refusal(status, why, code));
  }

  void answered(error_code ec) {
    answer_ = {};
    if (ec || ((last_ || !keep_alive_) && !refused_)) return close();
    if (!refused_) return next_request();
    socket_.shutdown(tcp::socket::shutdown_send, ec);
    watchdog_->set(host_->env().after(linger_limit));
    linger(linger_bytes);
  }

  void linger(std::size_t left) {
    buffer_.clear();
    socket_.async_read_some(buffer_.prepare(read_size), [self = shared_from_this(), left](error_code ec, std::size_t n) {
      if (ec || n >= left) return self->close();
      self->linger(left - n);
    });
  }

  void close() {
    release_body();
    if (watchdog_) watchdog_->stop();
    if (pause_) pause_->stop();
    error_code ignored;
    socket_.close(ignored);
    host_->remove(std::exchange(number_, 0));
  }

  void release_body() { host_->release_body(std::exchange(body_, 0)); }

  std::shared_ptr<server_host> host_;
  tcp::socket socket_;
  std::shared_ptr<actor::watchdog> watchdog_;
  std::shared_ptr<actor::watchdog> pause_;  // of an answer that a fault delays
  void (http_session::*after_pause_)() = nullptr;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http_response answer_;
  std::string head_;
  std::size_t sent_ = 0;  // of the body, when it goes in pieces
  std::uint64_t number_ = 0;
  std::size_t body_ = 0;  // reserved of the budget
  bool idle_ = false;
  bool keep_alive_ = false;
  bool without_body_ = false;
  bool last_ = false;
  bool refused_ = false;
};

}  // namespace

void start_http_session(std::shared_ptr<server_host> host, tcp::socket socket) {
  std::make_shared<http_session>(std::move(host), std::move(socket))->start();
}

}  // namespace dbcord::guild
