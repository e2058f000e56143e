// What is still known of commands, and what must not be claimed of those that may have been forgotten.
#include "database/idempotency_register.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace std::chrono_literals;
using database::idempotency_register;

namespace {

const base::system_time first_moment{1'780'000'000s};

std::string key_at(base::duration behind) { return base::id_at<base::interaction_id>(first_moment + behind).str(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(idempotency_register_suite)

BOOST_AUTO_TEST_CASE(the_parts_of_a_command_are_seen_together) {
  idempotency_register all(1000);
  auto key = key_at(0s);
  BOOST_TEST(!all.look(key).done.has_value());
  BOOST_TEST(!all.look(key).running);
  all.begin(key + ":1");
  BOOST_TEST(all.look(key).running);
  all.finish(key + ":1", {7, {}, 20, 0, {}});
  all.begin(key + ":2");
  all.finish(key + ":2", {9, {}, 3, 0, {}});
  all.begin(key + "4");  // another command
  auto seen = all.look(key);
  BOOST_REQUIRE(seen.done.has_value());
  BOOST_TEST(!seen.running);
  BOOST_TEST(seen.done->operations == 23u);
  BOOST_TEST(seen.done->lsn == 9u);
  all.abandon(key + "4");
  BOOST_TEST(!all.look(key + "4").running);
}

BOOST_AUTO_TEST_CASE(commands_that_newer_ones_may_have_pushed_out_are_not_said_to_be_unknown) {
  idempotency_register all(1000);
  auto finish = [&](int i) {
    auto key = key_at(i * 1s);
    all.begin(key);
    all.finish(key, {1, base::id_at<base::message_id>(first_moment + i * 1s + 5min), 1, 0, {}});  // it took five minutes
  };
  constexpr int full = 1000;
  for (int i = 0; i < full - 1; ++i) finish(i);
  BOOST_TEST(!all.may_have_forgotten(first_moment - 1h));
  for (int i = full - 1; i < full + 100; ++i) finish(i);
  BOOST_TEST(!all.look(key_at(99s)).done.has_value());
  BOOST_TEST(all.look(key_at(100s)).done.has_value());
  BOOST_TEST(all.may_have_forgotten(first_moment));
  BOOST_TEST(all.may_have_forgotten(first_moment + 100s + 5min));  // given later, but it may have been finished earlier
  BOOST_TEST(!all.may_have_forgotten(first_moment + 111s + 5min));
}

// A key without an age is carried out again once it is forgotten; a larger memory then finds it twice in what was kept.
BOOST_AUTO_TEST_CASE(a_key_that_was_carried_out_twice_is_kept_once) {
  idempotency_register all(3);
  for (int i = 0; i < 2; ++i) {
    all.finish("own", {1, base::id_at<base::message_id>(first_moment), 1, 0, {}});
    all.finish(key_at(0s), {1, base::id_at<base::message_id>(first_moment), 1, 0, {}});
  }
  BOOST_TEST(all.finished().size() == 2u);
  for (int i = 1; i < 5; ++i) all.finish(key_at(i * 1s), {1, base::id_at<base::message_id>(first_moment + i * 1s), 1, 0, {}});
  BOOST_TEST(all.may_have_forgotten(first_moment));
  BOOST_TEST(!all.look("own").done.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
