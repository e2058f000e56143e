#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/test/unit_test.hpp>

#include "discord/beast_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using discord::stream_closed;
using discord::stream_frame;
using discord::transport_errc;
using test::is;
using test::tcp;
namespace websocket = boost::beast::websocket;
using peer = websocket::stream<tcp::socket&>;

namespace {

test::script_server::script after_handshake(std::function<void(peer&)> then) {
  return [then](tcp::socket& s) {
    peer ws(s);
    boost::system::error_code ec;
    ws.accept(ec);
    if (!ec) then(ws);
  };
}

void echo_until_closed(peer& ws) {
  for (;;) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code ec;
    ws.read(buffer, ec);
    if (ec) return;
    ws.text(ws.got_text());
    ws.write(buffer.data(), ec);
  }
}

struct stream_fixture : test::transport_fixture {
  using stream = std::unique_ptr<discord::event_stream>;
  base::result<stream> try_open(const std::string& url, std::chrono::milliseconds patience = 20s) {
    return world.run(client->open(url, world.after(patience)));
  }
  stream open(const test::script_server& server) { return *try_open(server.url("ws", "/?v=10")); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(beast_stream)

BOOST_FIXTURE_TEST_CASE(text_goes_out_and_text_and_binary_come_in, stream_fixture) {
  test::script_server server({after_handshake([](peer& ws) {
    ws.binary(true);
    ws.write(boost::asio::buffer("\0\1", 2));
    echo_until_closed(ws);
  })});
  auto s = open(server);
  auto first = std::get<stream_frame>(world.run(s->receive()));
  BOOST_TEST(first.binary);
  BOOST_TEST(first.data == std::string("\0\1", 2));
  BOOST_REQUIRE(world.run(s->send("hello")));
  auto second = std::get<stream_frame>(world.run(s->receive()));
  BOOST_TEST(!second.binary);
  BOOST_TEST(second.data == "hello");
}

BOOST_FIXTURE_TEST_CASE(messages_of_sixteen_mebibytes_pass_both_ways, stream_fixture) {
  test::script_server server({after_handshake([](peer& ws) {
    ws.read_message_max(64 << 20);
    echo_until_closed(ws);
  })});
  auto s = open(server);
  const std::string big(16 << 20, 'x');
  auto receiving = boost::asio::co_spawn(world.env().make_strand(), s->receive(), boost::asio::use_future);
  BOOST_REQUIRE(world.run(s->send(big)));
  BOOST_TEST((std::get<stream_frame>(receiving.get()).data == big));
}

BOOST_FIXTURE_TEST_CASE(the_servers_close_code_and_reason_arrive, stream_fixture) {
  test::script_server server({after_handshake([](peer& ws) {
    boost::system::error_code ignored;
    ws.close({static_cast<websocket::close_code>(4004), "Authentication failed."}, ignored);
  })});
  auto s = open(server);
  auto end = std::get<stream_closed>(world.run(s->receive()));
  BOOST_TEST(end.code == 4004);
  BOOST_TEST(end.reason == "Authentication failed.");
}

BOOST_FIXTURE_TEST_CASE(a_connection_lost_without_a_close_frame_is_1006, stream_fixture) {
  test::script_server server({after_handshake([](peer& ws) { ws.next_layer().close(); })});
  auto s = open(server);
  BOOST_TEST(std::get<stream_closed>(world.run(s->receive())).code == 1006);
  auto sent = world.run(s->send("x"));
  BOOST_REQUIRE(!sent);
  BOOST_TEST(is(sent.error(), transport_errc::interrupted));
}

BOOST_FIXTURE_TEST_CASE(our_close_code_reaches_the_server_and_ends_a_pending_receive, stream_fixture) {
  std::promise<int> seen;
  test::script_server server({after_handshake([&](peer& ws) {
    echo_until_closed(ws);
    seen.set_value(ws.reason().code);
  })});
  auto s = open(server);
  auto pending = boost::asio::co_spawn(world.env().make_strand(), s->receive(), boost::asio::use_future);
  world.run(s->close(4200, std::string(200, 'r')));
  world.run(s->close(1000, "again"));
  BOOST_TEST(seen.get_future().get() == 4200);
  BOOST_TEST(std::holds_alternative<stream_closed>(pending.get()));
}

BOOST_FIXTURE_TEST_CASE(closing_does_not_wait_for_a_dead_server, stream_fixture) {
  std::promise<void> over;
  test::script_server server({after_handshake([done = over.get_future().share()](peer&) { done.wait(); })});
  auto s = open(server);
  auto pending = boost::asio::co_spawn(world.env().make_strand(), s->receive(), boost::asio::use_future);
  world.run(s->close(1000, "bye"));
  BOOST_TEST(std::get<stream_closed>(pending.get()).code == 1006);
  over.set_value();
}

BOOST_FIXTURE_TEST_CASE(destroying_the_stream_drops_the_connection_even_while_it_receives, stream_fixture) {
  std::promise<int> seen;
  test::script_server server({after_handshake([&](peer& ws) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code ec;
    ws.read(buffer, ec);
    seen.set_value(ec == websocket::error::closed ? ws.reason().code : 1006);
  })});
  auto s = open(server);
  auto pending = boost::asio::co_spawn(world.env().make_strand(), s->receive(), boost::asio::use_future);
  s.reset();
  BOOST_TEST(seen.get_future().get() == 1006);
  BOOST_TEST(std::get<stream_closed>(pending.get()).code == 1006);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_declines_or_stays_silent_opens_nothing, stream_fixture) {
  std::promise<void> over;
  test::script_server server({[](tcp::socket& s) { test::read_request(s), test::say(s, "HTTP/1.1 403 Forbidden\r\n\r\n"); },
                              [done = over.get_future().share()](tcp::socket&) { done.wait(); }});
  auto declined = try_open(server.url("ws"));
  BOOST_REQUIRE(!declined);
  BOOST_TEST(is(declined.error(), transport_errc::not_sent));
  BOOST_TEST(declined.error().message.find("it answered 403") != std::string::npos, declined.error().message);
  auto silent = try_open(server.url("ws"), 100ms);
  over.set_value();
  BOOST_REQUIRE(!silent);
  BOOST_TEST(silent.error().message.ends_with("the deadline passed"), silent.error().message);
}

BOOST_AUTO_TEST_SUITE_END()
