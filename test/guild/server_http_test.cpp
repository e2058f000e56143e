#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
namespace asio = boost::asio;
using dbcord::test::server_fixture;

namespace {

// Sends bytes and reads until the server closes.
std::string say(std::uint16_t port, std::string_view bytes) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  asio::write(socket, asio::buffer(bytes));
  std::string answer;
  boost::system::error_code ec;
  asio::read(socket, asio::dynamic_buffer(answer), ec);
  return answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_http)

BOOST_FIXTURE_TEST_CASE(carries_method_target_headers_and_body_both_ways, server_fixture) {
  auto answer = send("PUT", "/some/where?a=b", "hello");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(answer->body == "PUT hello");
  BOOST_TEST(answer->header("x-target") == "/some/where?a=b");
}

BOOST_FIXTURE_TEST_CASE(answers_many_requests_over_one_connection, server_fixture) {
  std::string two = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  auto answer = say(server->port(), two);
  BOOST_TEST(answer.find("X-Target: /1") != std::string::npos);
  BOOST_TEST(answer.find("X-Target: /2") != std::string::npos);
  BOOST_TEST(answer.find("Connection: close") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(no_content_has_no_length, server_fixture) {
  auto answer = say(server->port(), "POST /interactions HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  BOOST_TEST(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
  BOOST_TEST(answer.find("Content-Length") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_header_value_cannot_begin_a_new_header, server_fixture) {
  auto answer = send("GET", "/broken-header");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->header("X-Injected").empty());
}

BOOST_FIXTURE_TEST_CASE(takes_a_chunked_body_and_invites_one_that_waits_for_it, server_fixture) {
  auto chunked = say(server->port(), "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  BOOST_TEST(chunked.ends_with("POST abcde"));
  auto invited = say(server->port(), "POST /c HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
                                     "Connection: close\r\n\r\nhi");
  BOOST_TEST(invited.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

BOOST_FIXTURE_TEST_CASE(garbage_is_answered_400_and_harms_nobody_else, server_fixture) {
  for (std::string_view garbage : {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "hello\r\n\r\n", "GET\r\n\r\n",
                                   "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    auto answer = say(server->port(), std::string(garbage) + "\r\n\r\n");
    BOOST_TEST(answer.starts_with("HTTP/1.1 400 "), garbage << " was answered " << answer);
  }
  BOOST_TEST(send("GET", "/still-there")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(random_bytes_never_end_the_server, server_fixture) {
  for (int i = 0; i < 200; ++i) {
    std::string bytes(world.random.below(400), '\0');
    for (auto& c : bytes) c = static_cast<char>(world.random.next());
    if (i % 2) bytes.insert(0, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    say(server->port(), bytes + "\r\n\r\n\r\n\r\n0\r\n\r\n");
  }
  BOOST_TEST(send("GET", "/still-there")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(an_exception_in_the_core_fails_one_request_only, server_fixture) {
  BOOST_TEST(send("GET", "/throw")->status == 500);
  BOOST_TEST(send("GET", "/next")->status == 200);
}

BOOST_AUTO_TEST_CASE(bodies_over_the_limit_and_over_the_budget_are_refused) {
  guild::server_options options;
  options.body_limit = 1000;
  options.body_budget = 800;
  server_fixture f(options);
  BOOST_TEST(f.send("POST", "/x", std::string(1001, 'x'))->status == 413);
  BOOST_TEST(f.send("POST", "/x", std::string(900, 'x'))->status == 503);
  for (int i = 0; i < 3; ++i) BOOST_TEST(f.send("POST", "/x", std::string(800, 'x'))->status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_body_of_a_hundred_mebibytes_arrives, server_fixture) {
  auto answer = send("POST", "/attachment", std::string(100 << 20, 'x'));
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(store.attachments().at(0).size() == std::size_t(100 << 20));
}

BOOST_AUTO_TEST_CASE(a_half_request_and_an_idle_connection_time_out) {
  guild::server_options options;
  options.request_limit = 100ms;
  options.idle_limit = 100ms;
  server_fixture f(options);
  BOOST_TEST(say(f.server->port(), "POST /x HTTP/1.1\r\nContent-Le").empty());
  BOOST_TEST(say(f.server->port(), "POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf").empty());
  BOOST_TEST(say(f.server->port(), "").empty());
}

BOOST_AUTO_TEST_CASE(connections_beyond_the_limit_are_closed_at_once) {
  guild::server_options options;
  options.connections = 1;
  server_fixture f(options);
  BOOST_TEST(f.send("GET", "/x")->status == 200);  // the client keeps this one
  BOOST_TEST(say(f.server->port(), "GET / HTTP/1.1\r\n\r\n").empty());
}

BOOST_FIXTURE_TEST_CASE(a_port_in_use_is_said_in_one_sentence, server_fixture) {
  guild::server_options options;
  options.port = server->port();
  auto second = guild::server::listen(world.env(), options);
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().message == "port " + std::to_string(options.port) +
                                           " on 127.0.0.1 is in use by another process; choose another with --listen");
  options.address = "example";
  BOOST_TEST(guild::server::listen(world.env(), options).error().message.find("'example' is no IP address") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
