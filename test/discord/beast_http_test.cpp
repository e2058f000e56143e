#include <boost/test/unit_test.hpp>

#include "discord/beast_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using discord::transport_errc;
using test::is;
using test::ok;
using test::read_request;
using test::say;
using test::script_server;
using test::tcp;
using test::transport_fixture;

namespace {

// Binds a port and closes it again: nobody listens there.
std::uint16_t closed_port() {
  boost::asio::io_context context;
  return tcp::acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0}).local_endpoint().port();
}

// Until the peer closes.
void drain(tcp::socket& s) {
  boost::system::error_code ec;
  std::string text;
  boost::asio::read(s, boost::asio::dynamic_buffer(text), ec);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(beast_http)

BOOST_FIXTURE_TEST_CASE(the_request_stands_on_the_wire_as_given, transport_fixture) {
  std::string seen;
  script_server server({[&](tcp::socket& s) {
    seen = read_request(s);
    say(s, ok("fine", "X-RateLimit-Remaining: 4\r\n"));
  }});
  auto request = get(server.url("http", "/api/v10/channels/1/messages?limit=2"));
  request.method = "POST";
  request.headers = {{"Authorization", "Bot t"}, {"Content-Type", "application/json"}};
  request.body = "{}";
  auto answer = send(request);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(answer->body == "fine");
  BOOST_TEST(answer->header("x-ratelimit-remaining") == "4");
  BOOST_TEST(seen == "POST /api/v10/channels/1/messages?limit=2 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                         "\r\nAuthorization: Bot t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

BOOST_FIXTURE_TEST_CASE(a_connection_is_used_again, transport_fixture) {
  script_server server({[&](tcp::socket& s) {
    while (!read_request(s).empty()) say(s, ok("again"));
  }});
  for (int i = 0; i < 20; ++i) BOOST_TEST(send(get(server.url("http")))->body == "again");
  BOOST_TEST(server.accepted() == 1);
  client.reset();
}

BOOST_FIXTURE_TEST_CASE(connection_close_and_old_http_are_not_used_again, transport_fixture) {
  script_server server({[&](tcp::socket& s) { read_request(s), say(s, ok("1", "Connection: close\r\n")); },
                        [&](tcp::socket& s) { read_request(s), say(s, "HTTP/1.0 200 OK\r\n\r\nuntil the end"); },
                        [&](tcp::socket& s) { read_request(s), say(s, ok("3")); }});
  BOOST_TEST(send(get(server.url("http")))->body == "1");
  BOOST_TEST(send(get(server.url("http")))->body == "until the end");
  BOOST_TEST(send(get(server.url("http")))->body == "3");
}

BOOST_FIXTURE_TEST_CASE(a_connection_closed_while_idle_is_replaced_unnoticed, transport_fixture) {
  std::promise<void> closed;
  script_server server({[&](tcp::socket& s) {
                          read_request(s);
                          say(s, ok("first"));
                          s.close();
                          closed.set_value();
                        },
                        [&](tcp::socket& s) { read_request(s), say(s, ok("second")); }});
  BOOST_TEST(send(get(server.url("http")))->body == "first");
  closed.get_future().wait();
  auto answer = send(get(server.url("http")));
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->body == "second");
}

BOOST_FIXTURE_TEST_CASE(what_a_server_says_unasked_is_not_taken_for_an_answer, transport_fixture) {
  std::promise<void> said;
  script_server server({[&](tcp::socket& s) {
                          read_request(s);
                          say(s, ok("first"));
                          say(s, ok("unasked"));
                          said.set_value();
                          drain(s);
                        },
                        [&](tcp::socket& s) { read_request(s), say(s, ok("second")); }});
  BOOST_TEST(send(get(server.url("http")))->body == "first");
  said.get_future().wait();
  BOOST_TEST(send(get(server.url("http")))->body == "second");
}

BOOST_FIXTURE_TEST_CASE(idle_connections_are_closed_after_a_while, transport_fixture) {
  discord::beast_transport_options options;
  options.idle_limit = 50ms;
  use(options);
  std::promise<bool> ended;
  script_server server({[&](tcp::socket& s) {
    read_request(s);
    say(s, ok("first"));
    ended.set_value(read_request(s).empty());
  }});
  BOOST_TEST(send(get(server.url("http")))->body == "first");
  BOOST_TEST(ended.get_future().get());
}

BOOST_FIXTURE_TEST_CASE(a_refused_connection_is_not_sent, transport_fixture) {
  auto port = closed_port();
  auto answer = send(get("http://127.0.0.1:" + std::to_string(port)));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
  BOOST_TEST(answer.error().message == "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

BOOST_FIXTURE_TEST_CASE(a_name_that_does_not_exist_is_not_sent, transport_fixture) {
  auto answer = send(get("http://does-not-exist.invalid/"));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
  BOOST_TEST(answer.error().message.starts_with("cannot find the address of does-not-exist.invalid:80: "));
}

BOOST_FIXTURE_TEST_CASE(an_answer_cut_off_at_any_byte_is_interrupted, transport_fixture) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
  std::deque<script_server::script> scripts;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    scripts.push_back([&, size](tcp::socket& s) { read_request(s), say(s, std::string_view(whole).substr(0, size)); });
  }
  script_server server(scripts);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto answer = send(get(server.url("http")));
    BOOST_REQUIRE(!answer);
    BOOST_TEST(is(answer.error(), transport_errc::interrupted));
  }
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_is_no_http_or_too_large_is_interrupted, transport_fixture) {
  discord::beast_transport_options options;
  options.response_limit = 1000;
  use(options);
  script_server server({[&](tcp::socket& s) { read_request(s), say(s, "SSH-2.0-OpenSSH\r\n\r\n"), drain(s); },
                        [&](tcp::socket& s) { read_request(s), say(s, ok(std::string(1001, 'x'))), drain(s); },
                        [&](tcp::socket& s) { read_request(s), say(s, ok(std::string(1000, 'x'))); }});
  for (int i = 0; i < 2; ++i) {
    auto answer = send(get(server.url("http")));
    BOOST_REQUIRE(!answer);
    BOOST_TEST(is(answer.error(), transport_errc::interrupted));
  }
  BOOST_TEST(send(get(server.url("http")))->body.size() == 1000u);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_during_the_answer_is_interrupted_and_frees_the_connection, transport_fixture) {
  discord::beast_transport_options options;
  options.connections = 1;
  use(options);
  script_server server({[&](tcp::socket& s) { read_request(s), drain(s); },
                        [&](tcp::socket& s) { read_request(s), say(s, "HTTP/1.1 200 OK\r\nContent-Le"), drain(s); },
                        [&](tcp::socket& s) { read_request(s), say(s, ok("in time")); }});
  for (int i = 0; i < 2; ++i) {
    auto answer = send(get(server.url("http")), 100ms);
    BOOST_REQUIRE(!answer);
    BOOST_TEST(is(answer.error(), transport_errc::interrupted));
    BOOST_TEST(answer.error().message.find("the deadline passed") != std::string::npos);
  }
  BOOST_TEST(send(get(server.url("http")))->body == "in time");
}

BOOST_FIXTURE_TEST_CASE(a_deadline_while_a_long_body_is_being_sent_is_interrupted, transport_fixture) {
  std::promise<void> over;
  script_server server({[&, done = over.get_future().share()](tcp::socket&) { done.wait(); }});
  auto request = get(server.url("http"));
  request.method = "POST";
  request.body.assign(50 << 20, 'x');
  auto answer = send(std::move(request), 200ms);
  over.set_value();
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::interrupted));
}

BOOST_FIXTURE_TEST_CASE(a_deadline_that_has_passed_already_is_not_sent, transport_fixture) {
  script_server server({});
  auto answer = send(get(server.url("http")), -1ms);
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_answers_before_it_has_read_everything_is_heard, transport_fixture) {
  script_server server({[&](tcp::socket& s) {
    char some[1000];
    s.read_some(boost::asio::buffer(some));
    say(s, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
    s.shutdown(tcp::socket::shutdown_send);
    drain(s);
  }});
  auto request = get(server.url("http"));
  request.method = "POST";
  request.body.assign(20 << 20, 'x');
  auto answer = send(std::move(request));
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 413);
}

BOOST_FIXTURE_TEST_CASE(an_interim_answer_is_not_the_answer, transport_fixture) {
  script_server server({[&](tcp::socket& s) { read_request(s), say(s, "HTTP/1.1 100 Continue\r\n\r\n" + ok("the answer")); }});
  BOOST_TEST(send(get(server.url("http")))->body == "the answer");
}

BOOST_FIXTURE_TEST_CASE(requests_beyond_the_bound_wait_and_reserved_ones_have_connections_of_their_own, transport_fixture) {
  discord::beast_transport_options options;
  options.connections = 1;
  options.reserved_connections = 1;
  use(options);
  std::promise<void> first_arrived, go_on;
  auto released = go_on.get_future().share();
  std::vector<std::thread> busy;
  script_server server({[&](tcp::socket& s) {
                          busy.emplace_back([&, released, s = std::move(s)]() mutable {
                            read_request(s);
                            first_arrived.set_value();
                            released.wait();
                            say(s, ok("normal"));
                            read_request(s);
                            say(s, ok("waited"));
                          });
                        },
                        [&](tcp::socket& s) { read_request(s), say(s, ok("callback")); }});
  auto first = start(get(server.url("http")));
  first_arrived.get_future().wait();
  auto second = start(get(server.url("http")));
  auto hopeless = send(get(server.url("http")), 50ms);
  BOOST_REQUIRE(!hopeless);
  BOOST_TEST(is(hopeless.error(), transport_errc::not_sent));
  auto callback = get(server.url("http"));
  callback.reserved = true;
  BOOST_TEST(send(callback)->body == "callback");
  go_on.set_value();
  BOOST_TEST(first.get()->body == "normal");
  BOOST_TEST(second.get()->body == "waited");
  for (auto& t : busy) t.join();
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_a_request_is_refused, transport_fixture) {
  for (std::string url : {"ftp://x/", "http:///x", "http://x:0/", "http://x:99999/", "http://a b/", "http://u@x/", "http://x:y/",
                          "http://x/a\r\nX: y", "x"}) {
    auto answer = send(get(url));
    BOOST_REQUIRE_MESSAGE(!answer, url);
    BOOST_TEST(is(answer.error(), transport_errc::not_sent));
  }
  auto request = get("http://127.0.0.1:1/");
  request.headers = {{"X-Reason", "a\r\nX-Other: b"}};
  BOOST_TEST(send(request).error().message == "the value of a header cannot stand in an HTTP header");
}

BOOST_AUTO_TEST_SUITE_END()
