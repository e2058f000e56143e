#include "simulation/fault_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

#include "simulation/scenario.hpp"

using namespace dbcord;
using namespace dbcord::simulation;

BOOST_AUTO_TEST_CASE(a_plan_of_no_weight_serves_everything) {
  base::seeded_random random(1);
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE((draw_fate(plan_of_weight(0), true, random) == fate::served));
}

BOOST_AUTO_TEST_CASE(a_hostile_plan_draws_every_kind_of_fault_about_as_often_as_it_says) {
  base::seeded_random random(2);
  auto plan = plan_of_weight(3);
  std::map<fate, int> seen;
  constexpr int draws = 100'000;
  for (int i = 0; i < draws; ++i) ++seen[draw_fate(plan, true, random)];
  BOOST_TEST(seen.size() == 9);
  BOOST_TEST(std::abs(seen[fate::reset_after] / double(draws) - plan.reset_after) < 0.005);
  BOOST_TEST(std::abs(seen[fate::applied_late] / double(draws) - plan.applied_late) < 0.005);
}

BOOST_AUTO_TEST_CASE(only_what_changes_something_is_applied_late) {
  base::seeded_random random(3);
  auto plan = plan_of_weight(3);
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE((draw_fate(plan, false, random) != fate::applied_late));
}

BOOST_AUTO_TEST_CASE(latency_is_never_below_its_minimum) {
  base::seeded_random random(4);
  auto plan = plan_of_weight(2);
  for (int i = 0; i < 10'000; ++i) BOOST_TEST_REQUIRE((draw_latency(plan, random) >= plan.latency_min));
}

BOOST_AUTO_TEST_CASE(a_seed_always_stands_for_the_same_scenario_and_seeds_differ) {
  BOOST_TEST(describe(draw_scenario(7)) == describe(draw_scenario(7)));
  BOOST_TEST(describe(draw_scenario(7)) != describe(draw_scenario(8)));
  scenario_overrides fixed;
  fixed.crashes = false;
  fixed.fault_weight = 0;
  BOOST_TEST((draw_scenario(7, fixed).crash_every == base::duration{}));
  BOOST_TEST(draw_scenario(7, fixed).fault_weight == 0);
}
