#pragma once
// A beast_transport and servers that do exactly what a test says, on real sockets.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <functional>
#include <future>

#include "discord/beast_transport.hpp"
#include "support/real_environment.hpp"

namespace dbcord::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// One request off a socket, head and body; empty when the peer closed.
template <class Stream>
std::string read_request(Stream& stream) {
  boost::system::error_code ec;
  std::string text;
  auto head = asio::read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", ec);
  if (ec) return {};
  auto length = text.find("Content-Length: ");
  std::size_t body = length < head ? std::stoul(text.substr(length + 16)) : 0;
  if (text.size() < head + body) asio::read(stream, asio::dynamic_buffer(text), asio::transfer_exactly(head + body - text.size()), ec);
  return text;
}

inline std::string ok(std::string_view body, std::string_view more = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

// Accepts connections one after the other and plays one script on each; further ones are closed at once.
class script_server {
 public:
  using script = std::function<void(tcp::socket&)>;

  explicit script_server(std::deque<script> scripts) : scripts_(std::move(scripts)), thread_([this] { run(); }) {}
  ~script_server() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url(std::string scheme, std::string path = "/") const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + path;
  }
  int accepted() const { return accepted_; }

 private:
  void run() {
    for (;;) {
      tcp::socket socket(context_);
      boost::system::error_code ec;
      acceptor_.accept(socket, ec);
      if (stopping_) return;
      auto n = static_cast<std::size_t>(accepted_++);
      if (n < scripts_.size()) scripts_[n](socket);
    }
  }

  asio::io_context context_;
  tcp::acceptor acceptor_{context_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_ = false;
  std::atomic<int> accepted_ = 0;
  std::deque<script> scripts_;
  std::thread thread_;
};

inline void say(auto& stream, std::string_view bytes) {
  boost::system::error_code ignored;
  asio::write(stream, asio::buffer(bytes), ignored);
}

struct transport_fixture {
  using response = base::result<discord::http_response>;

  ~transport_fixture() { world.leave(); }

  static discord::http_request get(std::string url) {
    discord::http_request request;
    request.method = "GET";
    request.url = std::move(url);
    return request;
  }
  response send(discord::http_request request, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    return world.run(client->send(std::move(request), world.after(patience)));
  }
  std::future<response> start(discord::http_request request, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    auto work = client->send(std::move(request), world.after(patience));
    return asio::co_spawn(world.env().make_strand(), std::move(work), asio::use_future);
  }
  void use(discord::beast_transport_options options) {
    client = std::make_unique<discord::beast_transport>(world.env(), std::move(options));
  }

  real_environment world;
  std::unique_ptr<discord::beast_transport> client = std::make_unique<discord::beast_transport>(world.env());
};

inline bool is(const base::error& e, discord::transport_errc code) { return e.code == make_error_code(code); }

}  // namespace dbcord::test
