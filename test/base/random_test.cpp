// Randomness: reproducible from a seed, and not from nothing.

#include "dbcord/base/random.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::base;

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_numbers_again) {
  seeded_random one(5), two(5), other(6);
  BOOST_TEST(one.next() == two.next());
  BOOST_TEST(one.token(20) == two.token(20));
  BOOST_TEST(one.next() != other.next());
}

BOOST_AUTO_TEST_CASE(numbers_keep_their_bounds) {
  seeded_random random(1);
  for (int i = 0; i < 1000; ++i) {
    BOOST_TEST_REQUIRE(random.below(3) < 3u);
    auto u = random.unit();
    BOOST_TEST_REQUIRE((u >= 0 && u < 1));
  }
}

BOOST_AUTO_TEST_CASE(tokens_are_small_letters_and_digits) {
  seeded_random random(1);
  auto token = random.token(1000);
  BOOST_TEST(token.size() == 1000u);
  BOOST_TEST(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == token.npos);
}

BOOST_AUTO_TEST_CASE(the_system_does_not_repeat_itself) {
  system_random one, two;
  BOOST_TEST(one.token(32) != two.token(32));
}
