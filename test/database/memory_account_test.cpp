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

BOOST_AUTO_TEST_SUITE_END()
