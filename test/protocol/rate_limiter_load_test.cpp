// The limiter against a server that really counts, with travel times that vary and overtake.

#include <boost/test/unit_test.hpp>

#include "protocol/rate_limiter_model.hpp"

namespace dbcord::protocol::test {

BOOST_AUTO_TEST_SUITE(rate_limiter_load)

BOOST_AUTO_TEST_CASE(one_bucket_is_used_to_the_full_without_a_429) {
  model_options o;
  o.rules["/channels/{}/messages"] = {};
  model m(o);
  m.submit(messages("1"), 200);
  auto took = m.run();
  BOOST_TEST(m.answered() == 200);
  BOOST_TEST(m.refused(rate_scope::user) == 0);
  base::duration optimum = 39 * 5s;  // 40 windows, the last one's answers come at once
  BOOST_TEST(took.count() <= optimum.count() * 1.01);
}

BOOST_AUTO_TEST_CASE(answers_out_of_order_never_lead_to_a_429) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    model_options o;
    o.rules["/channels/{}/messages"] = {};
    o.travel_max = 2'000ms;
    o.state_reset = seed % 2 == 0;
    o.seed = seed;
    model m(o);
    m.submit(messages("1"), 60);
    m.submit(messages("2"), 60);
    m.run();
    BOOST_TEST(m.refused(rate_scope::user) == 0, "seed " << seed);
    BOOST_TEST(m.answered() == 120);
  }
}

BOOST_AUTO_TEST_CASE(windows_shorter_than_the_journey_never_lead_to_a_429) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    model_options o;
    o.rules["/channels/{}/messages"] = {"reactions", 1, 250ms};
    o.travel_max = 400ms;
    o.state_reset = seed % 2 == 0;
    o.seed = seed;
    model m(o);
    m.submit(messages("1"), 40);
    m.run();
    BOOST_TEST(m.refused(rate_scope::user) == 0, "seed " << seed);
  }
}

// Without X-RateLimit-Reset nothing tells two such windows apart for certain.
BOOST_AUTO_TEST_CASE(windows_that_cannot_be_told_apart_never_lead_to_a_429) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    model_options o;
    o.rules["/channels/{}/messages"] = {"b", 4, 1s};
    o.travel_max = 1'500ms;
    o.state_reset = false;
    o.seed = seed;
    model m(o);
    m.submit(messages("1"), 80);
    m.run();
    BOOST_TEST(m.refused(rate_scope::user) == 0, "seed " << seed);
    BOOST_TEST(m.answered() == 80);
  }
}

BOOST_AUTO_TEST_CASE(no_second_of_the_server_sees_more_than_the_global_limit) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    model_options o;
    o.rules["/channels/{}/messages"] = {"b", 1'000, 1s};
    o.global_limit = 50;
    o.phase = std::chrono::milliseconds(37 * seed);
    o.travel_max = 700ms;
    o.seed = seed;
    model m(o);
    for (int channel = 0; channel < 20; ++channel) m.submit(messages(std::to_string(channel)), 30);
    m.run();
    BOOST_TEST(m.refused(rate_scope::global) == 0, "seed " << seed);
    BOOST_TEST(m.answered() == 600);
  }
}

BOOST_AUTO_TEST_CASE(many_channels_reach_the_global_limit) {
  model_options o;
  o.rules["/channels/{}/messages"] = {};
  o.global_limit = 50;
  model m(o);
  for (int channel = 0; channel < 100; ++channel) m.submit(messages(std::to_string(channel)), 50);
  auto took = m.run();
  BOOST_TEST(m.refused(rate_scope::global) == 0);
  BOOST_TEST(m.refused(rate_scope::user) == 0);
  base::duration optimum = 5'000 / 50 * 1s;
  BOOST_TEST(took.count() <= optimum.count() * 1.01);
}

BOOST_AUTO_TEST_CASE(a_lower_global_limit_is_learned_from_its_429) {
  model_options o;
  o.rules["/channels/{}/messages"] = {"b", 1'000, 1s};
  o.global_limit = 20;
  model m(o);
  for (int channel = 0; channel < 30; ++channel) m.submit(messages(std::to_string(channel)), 40);
  auto took = m.run();
  BOOST_TEST(m.answered() == 1'200);
  BOOST_TEST(m.limiter().global_limit().value() <= 20);
  BOOST_TEST(m.limiter().global_limit().value() >= 18);
  BOOST_TEST(m.refused(rate_scope::global) <= 60);  // the first bursts only
  BOOST_TEST(took.count() <= base::duration(75s).count());
}

BOOST_AUTO_TEST_CASE(a_server_without_headers_is_not_throttled) {
  model m(model_options{});
  m.submit(messages("1"), 10'000);
  auto took = m.run();
  BOOST_TEST(m.answered() == 10'000);
  BOOST_TEST(took.count() < base::duration(1s).count());
}

BOOST_AUTO_TEST_CASE(routes_that_share_a_bucket_share_its_count) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    model_options o;
    o.rules["/channels/{}/messages"] = {"b", 5, 5s, false};
    o.seed = seed;
    model m(o);
    m.submit(messages("1", "GET"), 1);
    m.submit(messages("1", "POST"), 1);
    m.run();  // both have learned the bucket's name
    m.submit(messages("1", "GET"), 20);
    m.submit(messages("1", "POST"), 20);
    m.submit(messages("2", "POST"), 20);
    m.run();
    m.submit(messages("2", "GET"), 20);
    m.run();
    BOOST_TEST(m.refused(rate_scope::user) == 0, "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(routes_with_counts_of_their_own_under_one_name_are_told_apart) {
  model_options o;
  o.rules["/channels/{}/messages"] = {"b", 5, 5s, true};
  model m(o);
  m.submit(messages("1", "POST"), 5);
  m.run();
  m.submit(messages("1", "PATCH"), 1);
  m.run();
  m.submit(messages("1", "POST"), 50);
  m.submit(messages("1", "PATCH"), 50);
  auto took = m.run();
  BOOST_TEST(m.refused(rate_scope::user) == 0);
  BOOST_TEST(took.count() <= base::duration(56s).count());  // 105 s if they shared a count
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::protocol::test
