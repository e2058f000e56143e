// What fits into memory, and when superseded versions are to make room.

#include "database/memory_account.hpp"

#include <boost/test/unit_test.hpp>

using dbcord::database::memory_account;
using dbcord::database::memory_use;

BOOST_AUTO_TEST_SUITE(accounts_of_memory)

BOOST_AUTO_TEST_CASE(values_and_older_versions_make_room_for_what_comes) {
  memory_account memory(1'000);
  memory.change({}, {950, 500, 100});
  BOOST_TEST(memory.fixed() == 450u);
  BOOST_TEST(memory.admits({450, true}));
  BOOST_TEST(!memory.admits({451, true}));
  BOOST_TEST(memory.admits({500, false}));
  BOOST_TEST(memory.has_room_for({550, true}));
  BOOST_TEST(!memory.has_room_for({551, true}));
}

BOOST_AUTO_TEST_CASE(fingerprints_make_room_where_values_are_not_enough) {
  memory_account all(2'000), memory(1'000, &all), other(2'000, &all);
  memory.change({}, {850, 200, 0, 100});
  BOOST_TEST(memory.fixed() == 550u);
  BOOST_TEST(memory.admits({350, true}));
  BOOST_TEST(!memory.admits({351, true}));
  BOOST_TEST(memory.excess() == 110u);
  BOOST_TEST(memory.excess_beyond_values() == 0u);
  memory.change({850, 200, 0, 100}, {850, 30, 0, 100});
  BOOST_TEST(memory.excess_beyond_values() == 80u);
  memory.change({850, 30, 0, 100}, {700, 30, 0, 20});
  BOOST_TEST(memory.excess_beyond_values() == 0u);
  other.change({}, {900, 10, 0, 0});
  BOOST_TEST(memory.excess() == 120u);
  BOOST_TEST(memory.excess_beyond_values() == 80u);  // 40 of all are values
}

BOOST_AUTO_TEST_CASE(older_versions_are_not_forgotten_where_that_helps_nobody) {
  memory_account memory(1'000);
  memory.change({}, {890, 0, 50});
  BOOST_TEST(!memory.gains_by_forgetting({10, true}));  // there is room
  BOOST_TEST(memory.gains_by_forgetting({20, true}));
  BOOST_TEST(memory.gains_by_forgetting({60, true}));
  BOOST_TEST(!memory.gains_by_forgetting({61, true}));  // not even then
  memory.change({}, {100, 0, 0});
  BOOST_TEST(memory.is_full_of_past());  // updates would find room
  BOOST_TEST(!memory.gains_by_forgetting({}));  // new keys would not
  memory.change({}, {20, 0, 0});
  BOOST_TEST(memory.gains_by_forgetting({}));  // 1,010 are more than the cap
  memory.change({890, 0, 50}, {840, 0, 0});
  BOOST_TEST(!memory.gains_by_forgetting({}));  // there are none
}

BOOST_AUTO_TEST_CASE(a_part_has_a_cap_of_its_own_within_that_of_all) {
  memory_account all(1'000), one(400, &all), other(1'000, &all);
  one.change({}, {300, 100, 50});
  BOOST_TEST(all.used() == 300u);
  BOOST_TEST(all.fixed() == 200u);
  BOOST_TEST(one.admits({160, true}));
  BOOST_TEST(!one.admits({161, true}));
  BOOST_TEST(one.is_narrower_than_all({161, true}));
  BOOST_TEST(!one.is_narrower_than_all({160, true}));
  BOOST_TEST(one.gains_by_forgetting({161, true}));
  BOOST_TEST(other.admits({161, true}));
  BOOST_TEST(one.excess() == 0u);
  one.change({}, {10, 10, 0});
  BOOST_TEST(one.excess() == 10u + 4u);
  BOOST_TEST(other.excess() == 0u);  // it need not make room for that
  other.change({}, {640, 0, 0});
  BOOST_TEST(all.excess() == 200u + 10u);
  BOOST_TEST(one.excess() == 210u);  // but what is here goes for the others
  BOOST_TEST(!one.admits({100, true}));  // 840 of all are fixed
  BOOST_TEST(!one.is_narrower_than_all({100, true}));
  BOOST_TEST(other.gains_by_forgetting({100, true}));  // by one's older versions
  BOOST_TEST(!other.gains_by_forgetting({111, true}));
  other.change({640, 0, 0}, {});
  BOOST_TEST(all.used() == 310u);
}

BOOST_AUTO_TEST_CASE(it_is_not_looked_again_before_more_is_held_here_or_by_all) {
  memory_account all(1'000), one(1'000, &all), other(1'000, &all);
  one.change({}, {100, 0, 0});
  BOOST_TEST(!one.is_below({}));
  auto mark = one.some_more();
  BOOST_TEST(one.is_below(mark));
  other.change({}, {4, 0, 0});
  BOOST_TEST(one.is_below(mark));
  other.change({}, {1, 0, 0});
  BOOST_TEST(!one.is_below(mark));
}

BOOST_AUTO_TEST_SUITE_END()
