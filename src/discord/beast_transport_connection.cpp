#include "discord/beast_transport_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "actor/watchdog.hpp"
#include "discord/beast_transport_connect.hpp"
#include "discord/beast_transport_request.hpp"

namespace dbcord::discord {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t header_limit = 64 * 1024;  // bytes of an answer's header
constexpr std::size_t read_size = 16 * 1024;

base::error interrupted(std::string_view why) {
  return {make_error_code(transport_errc::interrupted), "the connection broke before a whole answer came: " + std::string(why)};
}
base::error not_sent(std::string why) { return {make_error_code(transport_errc::not_sent), std::move(why)}; }

plain_stream make_stream(const actor::strand& strand, asio::ssl::context&, plain_stream*) { return plain_stream(strand); }
tls_stream make_stream(const actor::strand& strand, asio::ssl::context& tls, tls_stream*) { return tls_stream(strand, tls); }

// What asio::async_write counts on an error: bytes that the kernel took, or (TLS) nothing that one could rely on.
bool surely_unsent(const plain_stream&, std::size_t written) { return written == 0; }
bool surely_unsent(const tls_stream&, std::size_t) { return false; }

// A close_notify that came together with the last answer is still in OpenSSL's hands.
bool quiet(plain_stream&) { return true; }
bool quiet(tls_stream& s) {
  auto* ssl = s.native_handle();
  return SSL_get_shutdown(ssl) == 0 && BIO_ctrl_pending(SSL_get_rbio(ssl)) == 0;
}

template <class Stream>
class connection final : public http_connection {
 public:
  connection(const connection_factory& with, const origin& server)
      : env_(with.env),
        response_limit_(with.response_limit),
        server_(server),
        strand_(with.env.make_strand()),
        stream_(make_stream(strand_, with.tls, static_cast<Stream*>(nullptr))),
        watchdog_(std::make_shared<actor::watchdog>(with.env, strand_, [this] { expire(); })) {
    buffer_.reserve(read_size);
  }

  const actor::strand& strand() const override { return strand_; }
  bool reusable() const override { return reusable_; }

  bool alive() override {
    if (!reusable_ || buffer_.size() != 0 || !quiet(stream_)) return false;
    char unasked = 0;
    auto n = ::recv(socket_of(stream_).native_handle(), &unasked, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  actor::task<base::result<http_response>> exchange(http_request request, std::string target,
                                                    base::steady_time deadline) override {
    bool fresh = !std::exchange(reusable_, false);
    expired_ = false;
    actor::watched_scope watched(*watchdog_, deadline);
    if (fresh) {
      auto opened = co_await connect(env_, stream_, server_, deadline);
      if (!opened) co_return opened.error();
    }
    if (expired_ || env_.now() >= deadline) co_return not_sent("the deadline passed before the request was sent");
    auto head = request_head(request, target, server_.host_header());
    std::array<asio::const_buffer, 2> out = {asio::buffer(head), asio::buffer(request.body)};
    auto sent_at = env_.now();
    auto [failure, written] = co_await asio::async_write(stream_, out, as_values);
    if (failure && surely_unsent(stream_, written)) co_return not_sent("the server closed the connection before the request was sent");
    // A server that refuses a long body may answer and close before it has read all of it.
    auto answer = co_await read_answer(request.method == "HEAD");
    if (answer) answer->sent_at = sent_at;
    if (answer && failure) reusable_ = false;
    if (!answer && failure && !expired_) co_return interrupted(failure.message());
    co_return answer;
  }

 private:
  actor::task<base::result<http_response>> read_answer(bool without_body) {
    for (;;) {
      http::response_parser<http::string_body> parser;
      parser.header_limit(header_limit);
      parser.body_limit(response_limit_);
      parser.skip(without_body);
      auto [ec, size] = co_await http::async_read(stream_, buffer_, parser, as_values);
      if (ec) co_return interrupted(expired_ ? std::string("the deadline passed") : ec.message());
      if (parser.get().result_int() < 200) continue;  // 100 Continue and its like announce the answer
      reusable_ = parser.keep_alive() && !expired_;
      auto message = parser.release();
      co_return take(message);
    }
  }

  static http_response take(http::response<http::string_body>& message) {
    http_response out;
    out.status = static_cast<int>(message.result_int());
    for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
    out.body = std::move(message.body());
    return out;
  }

  void expire() {
    expired_ = true;
    boost::system::error_code ignored;  // whatever is in progress fails, and so does everything after it
    socket_of(stream_).close(ignored);
  }

  const actor::environment& env_;
  std::size_t response_limit_;
  origin server_;
  actor::strand strand_;
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<actor::watchdog> watchdog_;
  bool reusable_ = false;
  bool expired_ = false;
};

}  // namespace

std::shared_ptr<http_connection> connection_factory::make(const origin& server) const {
  if (server.tls) return std::make_shared<connection<tls_stream>>(*this, server);
  return std::make_shared<connection<plain_stream>>(*this, server);
}

}  // namespace dbcord::discord
