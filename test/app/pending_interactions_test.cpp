#include "app/pending_interactions.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "app/runtime.hpp"

using namespace dbcord;
using namespace dbcord::app;

namespace {

boost::json::object object(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_object();
}

actor::task<int> store(reply_promise from, base::result<boost::json::object>* to) {
  *to = co_await from.get();
  co_return 0;
}

base::result<boost::json::object> value_of(reply_promise reply) {
  base::null_logger log;
  runtime real(log);
  base::result<boost::json::object> value{boost::json::object{}};
  real.run(store(std::move(reply), &value));
  return value;
}

constexpr auto created = R"({"id":"70","nonce":"n1"})";

struct pending_interactions_fixture {
  pending_interactions pending;
  int reports = 0;
  reply_promise reply = pending.expect("n1", [this](const boost::json::object&) { ++reports; });
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pending, pending_interactions_fixture)

BOOST_AUTO_TEST_CASE(the_reply_is_the_message_of_our_interaction_that_does_not_load_any_more) {
  pending.on_dispatch("INTERACTION_CREATE", object(created));
  pending.on_dispatch("MESSAGE_CREATE", object(R"({"content":"other","interaction_metadata":{"id":"71"}})"));
  pending.on_dispatch("MESSAGE_CREATE", object(R"({"content":"plain"})"));
  pending.on_dispatch("MESSAGE_CREATE", object(R"({"content":"","flags":192,"interaction_metadata":{"id":"70"}})"));
  BOOST_TEST(!reply.is_set());
  BOOST_TEST(reports == 1);
  pending.on_dispatch("MESSAGE_UPDATE", object(R"({"content":"done","flags":64,"interaction_metadata":{"id":"70"}})"));
  BOOST_REQUIRE(reply.is_set());
  BOOST_TEST(value_of(reply)->at("content").as_string() == "done");
}

BOOST_AUTO_TEST_CASE(a_failure_names_the_bot) {
  pending.on_dispatch("INTERACTION_FAILURE", object(created));
  BOOST_REQUIRE(reply.is_set());
  auto value = value_of(reply);
  BOOST_REQUIRE(!value);
  BOOST_TEST(value.error().message.find("bot did not answer") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_lost_session_fails_what_waits_and_nothing_else) {
  pending.fail_all(base::error(base::errc::timeout, "lost"));
  BOOST_TEST(value_of(reply).error().message == "lost");
  auto later = pending.expect("n2", {});
  BOOST_TEST(!later.is_set());
}

BOOST_AUTO_TEST_CASE(nobody_is_told_after_forget) {
  pending.forget("n1");
  pending.on_dispatch("INTERACTION_CREATE", object(created));
  pending.on_dispatch("MESSAGE_CREATE", object(R"({"content":"done","interaction_metadata":{"id":"70"}})"));
  BOOST_TEST(!reply.is_set());
}

BOOST_AUTO_TEST_CASE(two_interactions_at_once_are_told_apart) {
  auto second = pending.expect("n2", {});
  pending.on_dispatch("INTERACTION_CREATE", object(created));
  pending.on_dispatch("INTERACTION_CREATE", object(R"({"id":"80","nonce":"n2"})"));
  pending.on_dispatch("MESSAGE_CREATE", object(R"({"content":"two","interaction_metadata":{"id":"80"}})"));
  BOOST_TEST(!reply.is_set());
  BOOST_TEST(value_of(second)->at("content").as_string() == "two");
}

BOOST_AUTO_TEST_SUITE_END()
