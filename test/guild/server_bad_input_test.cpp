#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include "dbcord/base/random.hpp"
#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using dbcord::test::server_fixture;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

// A peer that keeps no rule of HTTP.
struct raw_peer {
  explicit raw_peer(std::uint16_t port) : socket(context) { socket.connect({asio::ip::address_v4::loopback(), port}, refused); }

  bool send(std::string_view bytes) {
    error_code ec;
    asio::write(socket, asio::buffer(bytes), ec);
    return !ec;
  }
  // The server's answer to an upgrade; only behind it may frames be sent.
  std::string head() {
    std::string text;
    error_code ec;
    auto size = asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", ec);
    return text.substr(0, size);
  }
  // Until the server closes.
  std::string rest() {
    std::string text;
    error_code ec;
    asio::read(socket, asio::dynamic_buffer(text), ec);
    return text;
  }

  asio::io_context context;
  tcp::socket socket;
  error_code refused;
};

constexpr std::string_view upgrade =
    "GET /?v=10&encoding=json HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string bytes_at_random(base::random_source& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) bytes.push_back(static_cast<char>(random.next()));
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_bad_input)

BOOST_AUTO_TEST_CASE(a_request_that_trickles_in_has_one_deadline_for_all_of_it) {
  guild::server_options options;
  options.request_limit = 300ms;
  server_fixture f(options);
  raw_peer slow(f.server->port());
  BOOST_REQUIRE(slow.send("POST /x HTTP/1.1\r\nX-A: "));
  auto end = f.world.after(10s);
  bool closed = false;
  while (!closed && f.world.env().now() < end) {
    closed = !slow.send("a");  // each byte is progress, and none is enough
    BOOST_REQUIRE(f.send("GET", "/x").has_value());  // others are served meanwhile
  }
  BOOST_TEST(closed);
  BOOST_TEST(f.send("GET", "/x")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_header_that_is_too_large_is_refused_with_431, server_fixture) {
  raw_peer peer(server->port());
  peer.send("GET /x HTTP/1.1\r\nX-A: " + std::string(100'000, 'a') + "\r\n\r\n");
  BOOST_TEST(peer.rest().starts_with("HTTP/1.1 431 "));
  raw_peer many(server->port());
  std::string headers;
  for (int i = 0; i < 20'000; ++i) headers += "A" + std::to_string(i) + ": b\r\n";
  many.send("GET /x HTTP/1.1\r\n" + headers + "\r\n");
  BOOST_TEST(many.rest().starts_with("HTTP/1.1 431 "));
}

BOOST_FIXTURE_TEST_CASE(compressed_bodies_are_refused_unread_so_that_none_can_be_a_bomb, server_fixture) {
  for (auto encoding : {"gzip", "deflate", "br", "zstd", "gzip, identity"}) {
    raw_peer peer(server->port());
    peer.send("POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Encoding: " + std::string(encoding) + "\r\n\r\n\x1F\x8B\x08zz");
    auto answer = peer.rest();
    BOOST_TEST(answer.starts_with("HTTP/1.1 415 "), answer);
    BOOST_TEST(answer.find("without Content-Encoding") != std::string::npos, answer);
  }
  auto plain = make("POST", "/x", "body");
  plain.headers.emplace_back("Content-Encoding", "identity");
  BOOST_TEST(world.run(client.send(std::move(plain), soon()))->body == "POST body");
}

BOOST_FIXTURE_TEST_CASE(compression_is_not_agreed_on_with_a_gateway_client_and_a_compressed_frame_ends_it, server_fixture) {
  raw_peer peer(server->port());
  std::string offer(upgrade);
  offer.insert(offer.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  peer.send(offer);
  auto agreed = peer.head();
  BOOST_TEST(agreed.starts_with("HTTP/1.1 101 "));
  BOOST_TEST(agreed.find("permessage-deflate") == std::string::npos);
  // Text, final, with the bit that says "compressed", masked with zeros.
  peer.send(std::string("\xC1\x82\0\0\0\0ab", 8));
  BOOST_TEST(peer.rest().find("echo") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(random_bytes_are_answered_with_400_or_a_closed_connection, server_fixture) {
  base::seeded_random random(5);
  for (int i = 0; i < 300; ++i) {
    raw_peer peer(server->port());
    auto bytes = bytes_at_random(random, 1 + random.below(2000));
    if (i % 3 == 0) bytes.insert(0, "POST /x HTTP/1.1\r\nContent-Length: ");
    peer.send(bytes + "\r\n\r\n");
    peer.socket.shutdown(tcp::socket::shutdown_send);
    auto text = peer.rest();
    bool sane = text.empty() || text.starts_with("HTTP/1.1 4") || text.starts_with("HTTP/1.1 503");
    BOOST_TEST(sane, text);
  }
  BOOST_TEST(send("GET", "/x")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(random_bytes_on_the_gateway_end_that_connection_only, server_fixture) {
  base::seeded_random random(6);
  auto good = connect();
  BOOST_TEST(text(*good) == "hello v=10&encoding=json");
  for (int i = 0; i < 100; ++i) {
    raw_peer peer(server->port());
    peer.send(upgrade);
    BOOST_TEST(peer.head().starts_with("HTTP/1.1 101 "));
    peer.send(bytes_at_random(random, 1 + random.below(500)));
    error_code reset_already;
    peer.socket.shutdown(tcp::socket::shutdown_send, reset_already);
    peer.rest();
  }
  BOOST_REQUIRE(world.run(good->send("still here")));
  BOOST_TEST(text(*good) == "echo still here");
}

BOOST_AUTO_TEST_CASE(thousands_of_connections_are_taken_up_to_the_limit_and_the_rest_closed) {
  guild::server_options options;
  options.connections = 50;
  server_fixture f(options);
  BOOST_TEST(f.send("GET", "/x")->status == 200);
  std::size_t closed = 0, open = 0;
  {
    std::vector<std::unique_ptr<raw_peer>> held;
    for (int i = 0; i < 10'000; ++i) {
      auto peer = std::make_unique<raw_peer>(f.server->port());
      if (held.size() < 49) {
        peer->send("GET /x HTTP/1.1\r\n\r\n");
        char byte = 0;
        error_code ec;
        open += asio::read(peer->socket, asio::buffer(&byte, 1), ec);
        held.push_back(std::move(peer));
      } else {
        closed += peer->rest().empty();
      }
    }
  }
  BOOST_TEST(open == 49u);
  BOOST_TEST(closed == 10'000u - 49);
  BOOST_TEST(f.send("GET", "/x")->status == 200);  // there is room again
}

BOOST_AUTO_TEST_SUITE_END()
