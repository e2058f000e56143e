// How the server delivers what faults made of an answer or a connection.

#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using dbcord::test::server_fixture;

BOOST_AUTO_TEST_SUITE(server_fault)

BOOST_FIXTURE_TEST_CASE(a_broken_answer_is_a_broken_connection, server_fixture) {
  core.delivery.broken = true;
  BOOST_TEST(!send("POST", "/record", "kept"));
  BOOST_TEST(store.batches().at(0).at(0) == "kept");
  core.delivery = {};
  BOOST_TEST(send("GET", "/x")->status == 200);
}

BOOST_AUTO_TEST_CASE(a_silent_answer_never_comes_and_ends_with_the_time_limit) {
  guild::server_options options;
  options.request_limit = 300ms;
  server_fixture f(options);
  f.core.delivery.silent = true;
  auto begun = f.world.env().now();
  BOOST_TEST(!f.send("GET", "/x"));
  BOOST_TEST((f.world.env().now() - begun >= 300ms));
}

BOOST_FIXTURE_TEST_CASE(a_delayed_answer_comes_whole_and_the_connection_goes_on, server_fixture) {
  core.delivery.delay = 200ms;
  for (int i = 0; i < 2; ++i) {
    auto begun = world.env().now();
    auto answer = send("POST", "/x", "body");
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->body == "POST body");
    BOOST_TEST((world.env().now() - begun >= 200ms));
  }
}

BOOST_FIXTURE_TEST_CASE(a_slow_body_comes_whole, server_fixture) {
  core.delivery.bytes_a_second = 100;
  auto begun = world.env().now();
  for (int i = 0; i < 2; ++i) {
    auto answer = send("POST", "/x", "0123456789012345678901234567890123456789");
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->body == "POST 0123456789012345678901234567890123456789");
  }
  BOOST_TEST((world.env().now() - begun >= 800ms));  // twice 45 bytes, 10 each 100 ms
  core.delivery = {};
  BOOST_TEST(send("POST", "/x", "a")->body == "POST a");
}

BOOST_FIXTURE_TEST_CASE(an_empty_slow_body_is_an_answer_too, server_fixture) {
  core.delivery.bytes_a_second = 100;
  auto answer = send("POST", "/record", "x");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->body == "");
}

BOOST_FIXTURE_TEST_CASE(a_cut_body_is_no_answer, server_fixture) {
  core.delivery.cut_after = 3;
  BOOST_TEST(!send("POST", "/x", "body"));
  core.delivery = {};
  BOOST_TEST(send("GET", "/x")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(stopping_does_not_wait_for_delayed_answers, server_fixture) {
  core.delivery.delay = 20s;
  auto waiting = start("GET", "/x");
  stop();
  BOOST_TEST(!waiting.get());
}

BOOST_FIXTURE_TEST_CASE(a_vanishing_gateway_connection_has_no_close_frame, server_fixture) {
  auto stream = connect();
  text(*stream);
  BOOST_REQUIRE(world.run(stream->send("vanish")));
  auto end = std::get<discord::stream_closed>(next(*stream));
  BOOST_TEST(end.code == 1006);
}

BOOST_AUTO_TEST_SUITE_END()
