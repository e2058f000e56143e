// Each rule at the moment where its answer changes; that they keep one writer at a time is for the model in src/simulation/fencing_model.

#include "protocol/writer_rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::protocol;
using namespace std::chrono_literals;

namespace {

const base::system_time noon(std::chrono::seconds(1'800'000'000));
constexpr lease_terms terms{30s, 2s};

base::message_id claim_at(base::duration after_noon) { return base::id_at<base::message_id>(noon + after_noon); }

}  // namespace

BOOST_AUTO_TEST_SUITE(writer_rules)

BOOST_AUTO_TEST_CASE(a_claim_that_took_more_than_ten_seconds_is_void) {
  BOOST_TEST(!is_void_claim(claim_at(10s), 1'800'000'000));
  BOOST_TEST(is_void_claim(claim_at(10'001ms), 1'800'000'000));
  BOOST_TEST(is_void_claim(claim_at(0s), 0));  // of a claimant that had seen no time
}

BOOST_AUTO_TEST_CASE(a_claimant_waits_for_the_lease_and_for_what_is_not_shown_yet) {
  BOOST_TEST((may_start_at(claim_at(0s), false, terms) == noon + 33s));
  BOOST_TEST((may_start_at(claim_at(0s), true, terms) == noon + 4s));  // the last writer has said that it ended
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_claim_counts_while_the_claimant_cannot_have_started) {
  auto last = held_before(claim_at(0s), terms);
  BOOST_TEST((last == noon + 28s));
  BOOST_TEST((last + date_grain < may_start_at(claim_at(0s), false, terms)));
}

BOOST_AUTO_TEST_CASE(a_clean_check_covers_less_than_its_lease) {
  BOOST_TEST(covers(noon, noon + 26s, terms));
  BOOST_TEST(!covers(noon, noon + 27s, terms));
  // Whoever claims after a check that did not show it starts when nothing is acknowledged on that check any more.
  BOOST_TEST(!covers(noon, may_start_at(claim_at(-2s), false, terms), terms));
}

BOOST_AUTO_TEST_CASE(a_lease_of_one_second_covers_nothing) {
  BOOST_TEST(!covers(noon, noon, {1s, 0s}));
  BOOST_TEST(covers(noon, noon, {5s, 2s}));
}

BOOST_AUTO_TEST_CASE(what_is_younger_than_the_staleness_and_the_clocks_difference_may_not_be_shown) {
  BOOST_TEST((surely_shown(noon, terms) == noon - 3s));
}

BOOST_AUTO_TEST_SUITE_END()
