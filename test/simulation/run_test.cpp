// The whole stack, run by run. A failing seed is replayed by: seed_sweep --seed N --trace

#include "simulation/run.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace dbcord;
using namespace dbcord::simulation;

namespace {

run_report expect_promises_kept(std::uint64_t seed) {
  auto report = run_scenario(draw_scenario(seed));
  BOOST_TEST_CONTEXT("replay: seed_sweep --seed " << seed << " --trace") {
    for (const auto& v : report.violations) BOOST_ERROR(v);
  }
  return report;
}

}  // namespace

BOOST_AUTO_TEST_CASE(two_runs_of_a_seed_are_identical_to_the_last_line_of_their_traces) {
  scenario_overrides fixed;
  fixed.length = 20s;
  fixed.fault_weight = 3;
  fixed.crashes = true;
  auto one = run_scenario(draw_scenario(99, fixed));
  auto two = run_scenario(draw_scenario(99, fixed));
  BOOST_TEST(one.trace_hash == two.trace_hash);
  BOOST_TEST(one.trace_lines == two.trace_lines);
  BOOST_TEST(one.trace_lines > 500);
  auto other = run_scenario(draw_scenario(98, fixed));
  BOOST_TEST(one.trace_hash != other.trace_hash);
}

BOOST_AUTO_TEST_CASE(without_faults_every_command_is_answered_and_only_a_restart_may_meet_a_429) {
  scenario_overrides fixed;
  fixed.fault_weight = 0;
  fixed.crashes = false;
  fixed.rate_limits = true;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto report = run_scenario(draw_scenario(seed, fixed));
    BOOST_TEST_CONTEXT("seed " << seed) {
      for (const auto& v : report.violations) BOOST_ERROR(v);
      BOOST_TEST(report.unknown == 0);
      BOOST_TEST(report.refused == 0);
      // A new process cannot know what the one before it has just used of a limit; one that headers had foretold is a violation.
      BOOST_TEST(report.limited < report.starts);
    }
  }
}

// A simulation that finds nothing in a database that breaks its rules would find nothing in ours either.
BOOST_AUTO_TEST_CASE(each_rule_broken_on_purpose_is_noticed) {
  for (auto weak_spot : {weakness::unknown_is_refusal, weakness::unknown_is_success, weakness::newest_is_missed}) {
    bool noticed = false;
    for (std::uint64_t seed = 1; seed <= 40 && !noticed; ++seed) {
      scenario_overrides fixed;
      fixed.fault_weight = 3;
      fixed.crashes = true;
      auto s = draw_scenario(seed, fixed);
      s.weak_spot = weak_spot;
      noticed = !run_scenario(s).violations.empty();
    }
    BOOST_TEST(noticed, "weakness " << static_cast<int>(weak_spot) << " went unnoticed");
  }
}

BOOST_AUTO_TEST_CASE(the_promises_hold_through_faults_and_crashes) {
  run_report all;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    auto report = expect_promises_kept(seed);
    all.acknowledged += report.acknowledged;
    all.unknown += report.unknown;
    all.crashes += report.crashes;
    all.faults += report.faults;
    all.inconclusive_keys += report.inconclusive_keys;
  }
  // Otherwise the runs have shown nothing.
  BOOST_TEST(all.acknowledged > 5'000);
  BOOST_TEST(all.unknown > 50);
  BOOST_TEST(all.crashes > 50);
  BOOST_TEST(all.faults > 500);
  BOOST_TEST(all.inconclusive_keys == 0);
}
