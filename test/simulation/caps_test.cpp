// The judge of what a process holds.

#include "simulation/caps.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

BOOST_AUTO_TEST_CASE(what_is_held_beyond_a_cap_is_named_once_for_each_cap) {
  scenario s;
  s.seed = 1;
  s.memory_cap = 20'000;
  s.backlog_cap = 3'000;
  auto promised = caps_of(s);
  database::database_summary held;
  held.name = "sim";
  held.tables.resize(2);
  held.tables[0].memory = held.tables[1].memory = 10'000;
  held.queued_bytes = 3'000;
  database::memory_figures account;
  account.used = 20'000;
  BOOST_TEST(check_caps(held, account, promised).empty());
  account.used = 20'001 + promised.deletions;
  BOOST_TEST(check_caps(held, account, promised).size() == 1u);
  held.tables[1].memory = 10'001 + promised.deletions;
  BOOST_TEST(check_caps(held, account, promised).size() == 2u);
  held.queued_bytes = 3'000 + promised.largest_transaction + 1;
  BOOST_TEST(check_caps(held, account, promised).size() == 3u);
}

BOOST_AUTO_TEST_CASE(all_databases_may_hold_more_only_where_each_has_a_cap_of_its_own) {
  scenario s;
  s.memory_cap = 20'000;
  s.seed = 3;
  BOOST_TEST(caps_of(s).memory == 20'000u);
  BOOST_TEST(caps_of(s).memory_of_all == 40'000u);
  s.seed = 4;
  BOOST_TEST(caps_of(s).memory_of_all == 20'000u);
}
