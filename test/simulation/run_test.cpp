// The whole stack, run by run. A failing seed is replayed by: build/release/tools/seed_sweep --seed N --trace

#include "simulation/bug_hunt.hpp"

#include <boost/test/unit_test.hpp>

#include "support/tried_points.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using namespace dbcord::simulation;

namespace {

run_report expect_promises_kept(std::uint64_t seed) {
  auto report = run_scenario(draw_scenario(seed));
  BOOST_TEST_CONTEXT("replay: build/release/tools/seed_sweep --seed " << seed << " --trace") {
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
    auto s = draw_scenario(seed, fixed);
    s.unique_index = false;  // people would be refused each other's values
    s.client_presses = false;
    s.memory_cap = scenario().memory_cap;
    s.backlog_cap = scenario().backlog_cap;
    auto report = run_scenario(s);
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
    for (std::uint64_t seed = 1; seed <= 120 && !noticed; ++seed) {
      scenario_overrides fixed;
      fixed.fault_weight = 3;
      fixed.crashes = true;
      auto s = draw_scenario(seed, fixed);
      s.weak_spot = weak_spot;
      // Where it shows that an outcome is not known; what makes runs long and says nothing of that is left out.
      s.requests_late = true;
      s.spell_every = 4s;
      s.losses = s.deltas = s.whims = s.guild_faults = s.nonces_forgotten = s.bulk_import = false;
      s.chore_every = s.cut_every = {};
      noticed = !run_scenario(s).violations.empty();
    }
    BOOST_TEST(noticed, "weakness " << static_cast<int>(weak_spot) << " went unnoticed");
  }
}

BOOST_AUTO_TEST_CASE(the_promises_hold_through_faults_and_crashes) {
  run_report all;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    auto report = expect_promises_kept(seed);
    all.acknowledged += report.acknowledged;
    all.unknown += report.unknown;
    all.crashes += report.crashes;
    all.faults += report.faults;
    all.inconclusive_keys += report.inconclusive_keys;
  }
  // Otherwise the runs have shown nothing.
  BOOST_TEST(all.acknowledged > 900);
  BOOST_TEST(all.unknown > 30);
  BOOST_TEST(all.crashes > 50);
  BOOST_TEST(all.faults > 500);
  BOOST_TEST(all.inconclusive_keys == 0);
}

BOOST_AUTO_TEST_CASE(a_crash_comes_behind_the_handler_that_is_named_and_another_one_in_the_start_behind_it) {
  scenario_overrides fixed;
  fixed.length = 10s;
  fixed.crashes = false;
  fixed.rivals = 0;
  auto crashes = [&fixed](std::uint64_t at, std::uint64_t start_at) {
    auto s = draw_scenario(1, fixed);
    s.crash_at = at;
    s.crash_start_at = start_at;
    return run_scenario(s).crashes;
  };
  BOOST_TEST(crashes(0, 100) == 0u);
  BOOST_TEST(crashes(300, 0) == 1u);
  BOOST_TEST(crashes(300, 100) == 2u);
  BOOST_TEST(crashes(1'000'000'000, 100) == 0u);  // the work ends before
}

BOOST_AUTO_TEST_CASE(the_promises_hold_while_three_processes_compete) {
  scenario_overrides fixed;
  fixed.length = 120s;
  fixed.rivals = 2;
  int all_had_it = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    auto s = draw_scenario(seed, fixed);
    if (s.rivals != 2) continue;  // by a lock one process keeps the others out
    auto report = run_scenario(s);
    BOOST_TEST_CONTEXT("replay: build/release/tools/seed_sweep --seed " << seed << " --seconds 120 --rivals 2 --trace") {
      for (const auto& v : report.violations) BOOST_ERROR(v);
    }
    all_had_it += report.holders == 3;
  }
  BOOST_TEST(all_had_it >= 2);
}

BOOST_AUTO_TEST_CASE(an_engine_in_which_bugs_were_put_on_purpose_is_seen_through) {
  // A few of the many: the whole search is `seed_sweep --bugs`, whose table stands in simulation/README.md.
  using base::deliberate_bug;
  const std::vector bugs{deliberate_bug::acknowledge_before_log, deliberate_bug::drop_nonce,
                         deliberate_bug::forget_idempotency_key, deliberate_bug::lose_deletes, deliberate_bug::half_a_transaction,
                         deliberate_bug::adopt_by_key_alone, deliberate_bug::ignore_backpressure, deliberate_bug::checkpoint_without_history};
  auto points = test::points_to_try();
  for (std::size_t i = points.first; i < bugs.size(); i += points.step) {
    auto hunted = hunt(bugs[i], 1, 40);
    BOOST_TEST(hunted.seed.has_value(), base::name(bugs[i]) << " went unnoticed in " << hunted.runs << " runs");
  }
}

BOOST_AUTO_TEST_CASE(a_deliberate_bug_ends_with_its_run) {
  auto clean = run_scenario(hunting_scenario(1, base::deliberate_bug::none));
  auto bad = run_scenario(hunting_scenario(1, base::deliberate_bug::acknowledge_before_log));
  auto again = run_scenario(hunting_scenario(1, base::deliberate_bug::none));
  BOOST_TEST(!bad.violations.empty());
  BOOST_TEST(clean.trace_hash == again.trace_hash);
  BOOST_TEST(clean.violations.empty());
}
