// The rules of one writer, broken one by one. tools/test has the program run it for longer. A run is repeated by: fencing_model --first SEED --runs 1

#include "simulation/fencing_model.hpp"

#include <boost/test/unit_test.hpp>

#include "support/tried_points.hpp"

using namespace dbcord::simulation;

BOOST_AUTO_TEST_CASE(one_writer_at_a_time_keeps_what_it_acknowledged_in_random_runs) {
  int acknowledged = 0, failed = 0, openings = 0, dropped = 0, from_checkpoints = 0;
  auto points = dbcord::test::points_to_try();
  for (std::uint64_t seed = 1 + points.first; seed <= 10'000; seed += points.step) {
    auto report = explore_fencing(seed);
    for (const auto& v : report.violations) BOOST_ERROR("seed " << seed << ": " << v);
    acknowledged += report.acknowledged;
    failed += report.failed;
    openings += report.openings;
    dropped += report.dropped;
    from_checkpoints += report.from_checkpoints;
  }
  // Otherwise the runs have shown nothing.
  BOOST_TEST(acknowledged > 50'000 / points.step);  // in a fifth of the runs hardly anybody writes: one ends there, or is cut off
  BOOST_TEST(failed > 200 / points.step);
  BOOST_TEST(openings > 10'000 / points.step);
  BOOST_TEST(dropped > 1'000 / points.step);
  BOOST_TEST(from_checkpoints > 2'000 / points.step);
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  auto one = explore_fencing(7), two = explore_fencing(7);
  BOOST_TEST(one.acknowledged == two.acknowledged);
  BOOST_TEST(one.reads == two.reads);
  BOOST_TEST(one.openings == two.openings);
}

// Those that take more runs are shown by: fencing_model --runs 1 --weaknesses 500000
BOOST_AUTO_TEST_CASE(a_rule_that_is_left_out_lets_a_promise_be_broken) {
  using w = fencing_weakness;
  for (auto weakness : {w::foreign_records_count, w::unreadable_body_ends_the_chain, w::segment_kept_after_roll, w::lowest_start_counts,
                        w::lowest_attempt_counts, w::message_order_decides, w::epochs_mix, w::anchor_is_not_acknowledged, w::dropped_before_its_checkpoint, w::unknown_is_refusal, w::unknown_is_success,
                        w::absence_in_the_tail_is_refusal, w::attempts_stay, w::no_wait, w::read_before_the_wait, w::any_tip_is_unclaimed,
                        w::claims_are_ignored, w::late_held_is_not_fatal, w::held_is_ignored, w::higher_claims_do_not_stop,
                        w::unanswered_claim_is_clean, w::empty_history_is_believed, w::unchecked_acknowledgement, w::reads_are_not_checked}) {
    bool broken = false;
    for (std::uint64_t seed = 1; seed <= 5'000 && !broken; ++seed) broken = !explore_fencing(seed, weakness).violations.empty();
    BOOST_TEST(broken, name(weakness) << " (rule " << rule_of(weakness) << ") went unnoticed");
  }
}
