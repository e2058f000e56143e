#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using dbcord::test::ready_within;
using dbcord::test::server_fixture;

BOOST_AUTO_TEST_SUITE(server_durability)

BOOST_FIXTURE_TEST_CASE(an_answer_waits_until_its_records_are_durable, server_fixture) {
  store.hold();
  auto answer = start("POST", "/record", "one");
  store.wait_for_commit(1);
  BOOST_TEST(!ready_within(answer, 50ms));
  store.let_go();
  BOOST_TEST(answer.get()->status == 200);
  BOOST_TEST(store.batches().at(0).at(0) == "one");
}

BOOST_FIXTURE_TEST_CASE(what_collects_during_a_commit_is_one_commit, server_fixture) {
  store.hold();
  auto first = start("POST", "/record", "first");
  store.wait_for_commit(1);
  std::vector<std::future<base::result<discord::http_response>>> more;
  for (int i = 0; i < 8; ++i) more.push_back(start("POST", "/record", std::to_string(i)));
  BOOST_TEST(send("POST", "/interactions")->status == 204);  // by now … every request has been sent
  for (auto& m : more) BOOST_TEST(!ready_within(m, 20ms));
  store.let_go();
  for (auto& m : more) BOOST_TEST(m.get()->status == 200);
  BOOST_TEST(store.batches().size() <= 3u);
  BOOST_TEST(first.get()->status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_read_does_not_tell_what_is_not_durable_yet, server_fixture) {
  store.hold();
  auto write = start("POST", "/record", "one");
  store.wait_for_commit(1);
  auto read = start("GET", "/state");
  BOOST_TEST(!ready_within(read, 50ms));
  store.let_go();
  BOOST_TEST(read.get()->status == 200);
  BOOST_TEST(write.get()->status == 200);
}

BOOST_FIXTURE_TEST_CASE(interactions_do_not_wait_for_the_commits_of_others, server_fixture) {
  store.hold();
  auto write = start("POST", "/record", "one");
  store.wait_for_commit(1);
  BOOST_TEST(send("POST", "/interactions", "x")->status == 204);
  BOOST_TEST(!ready_within(write, 0ms));
}

BOOST_FIXTURE_TEST_CASE(frames_keep_their_order_although_interactions_may_overtake, server_fixture) {
  auto old = connect();
  BOOST_TEST(text(*old) == "hello v=10&encoding=json");
  store.hold();
  auto write = start("POST", "/record", "one");
  store.wait_for_commit(1);
  BOOST_TEST(send("POST", "/interactions", "two")->status == 204);
  auto frame = boost::asio::co_spawn(world.env().make_strand(), old->receive(), boost::asio::use_future);
  BOOST_TEST(!ready_within(frame, 50ms));
  store.let_go();
  BOOST_TEST(std::get<discord::stream_frame>(frame.get()).data == "recorded one");
  BOOST_TEST(text(*old) == "interaction two");
}

BOOST_FIXTURE_TEST_CASE(a_failed_commit_answers_nobody_and_ends_the_server, server_fixture) {
  auto stream = connect();
  BOOST_TEST(text(*stream).starts_with("hello"));
  store.hold();
  store.fail();
  auto write = start("POST", "/record", "one");
  store.let_go();
  auto answer = write.get();
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().code == make_error_code(discord::transport_errc::interrupted));
  BOOST_TEST(failure.get_future().get() == "the disk is full");
  BOOST_TEST(std::get<discord::stream_closed>(next(*stream)).code == 1006);
  auto late = send("GET", "/x");
  BOOST_REQUIRE(!late);
  BOOST_TEST(late.error().code == make_error_code(discord::transport_errc::not_sent));
}

BOOST_FIXTURE_TEST_CASE(stopping_answers_what_is_in_progress_and_commits_it, server_fixture) {
  store.hold();
  auto write = start("POST", "/record", "one");
  store.wait_for_commit(1);
  auto stopping = boost::asio::co_spawn(world.env().make_strand(), server->stop(soon()), boost::asio::use_future);
  BOOST_TEST(!ready_within(stopping, 50ms));
  store.let_go();
  BOOST_TEST(write.get()->status == 200);
  stopping.get();
  server.reset();
}

BOOST_AUTO_TEST_SUITE_END()
