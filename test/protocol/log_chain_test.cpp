// Which log records count, by scripted interleavings (design: claims, attempts, barriers, late application).
#include "protocol/bridged_chain.hpp"
#include "protocol/log_chain.hpp"
#include "protocol/roll_record.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace dbcord;
using namespace dbcord::protocol;

namespace {

const base::channel_id log_1{1}, log_2{2}, log_3{3};

struct log_builder {
  chain_anchor anchor{0, 0, 0, record_hash("creation"), log_1};
  std::vector<chain_record> records;

  // Adds a record after the one of that hash and returns its own hash.
  std::string add(record_kind kind, std::uint64_t epoch, std::uint64_t attempt, std::string previous, std::uint64_t lsn,
                  base::channel_id channel = log_1, base::channel_id roll_to = {}) {
    log_header h;
    h.kind = kind;
    h.epoch = epoch;
    h.attempt = attempt;
    h.lsn = lsn;
    h.previous = previous;
    h.hash = compute_hash(h);
    records.push_back({h, channel, roll_to});
    return h.hash;
  }

  // The hashes that count, whatever the order in which the records are found.
  std::vector<std::string> valid() const {
    auto expected = hashes(records);
    auto shuffled = records;
    std::mt19937 random(7);
    for (int i = 0; i < 20; ++i) {
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      BOOST_TEST(hashes(shuffled) == expected, boost::test_tools::per_element());
    }
    return expected;
  }

 private:
  std::vector<std::string> hashes(const std::vector<chain_record>& from) const {
    std::vector<std::string> found;
    for (auto i : valid_chain(anchor, from)) found.push_back(from[i].header.hash);
    return found;
  }
};

using list = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(log_chain_suite)

BOOST_AUTO_TEST_CASE(an_empty_log_has_no_valid_record) { BOOST_TEST(log_builder{}.valid().empty()); }

BOOST_AUTO_TEST_CASE(groups_after_a_start_count) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g1 = log.add(record_kind::group, 10, 2, s, 2);
  auto g2 = log.add(record_kind::group, 10, 3, g1, 3);
  BOOST_TEST(log.valid() == (list{s, g1, g2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(groups_without_a_start_do_not_count) {
  log_builder log;
  log.add(record_kind::group, 10, 2, log.anchor.hash, 1);
  BOOST_TEST(log.valid().empty());
}

BOOST_AUTO_TEST_CASE(a_barrier_voids_the_group_that_it_stands_for_however_late_that_arrives) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto late = log.add(record_kind::group, 10, 2, s, 2);
  auto barrier = log.add(record_kind::barrier, 10, 3, s, 2);
  auto again = log.add(record_kind::group, 10, 4, barrier, 3);
  BOOST_TEST(log.valid() == (list{s, barrier, again}), boost::test_tools::per_element());
  log.add(record_kind::group, 10, 5, late, 3);  // and so is all that stands on it
  BOOST_TEST(log.valid() == (list{s, barrier, again}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_group_of_a_dead_process_that_arrives_after_the_next_start_is_void) {
  log_builder log;
  auto s1 = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g = log.add(record_kind::group, 10, 2, s1, 2);
  auto s2 = log.add(record_kind::start, 20, 1, g, 3);
  auto late = log.add(record_kind::group, 10, 3, g, 3);
  log.add(record_kind::group, 10, 4, late, 4);
  auto mine = log.add(record_kind::group, 20, 2, s2, 4);
  BOOST_TEST(log.valid() == (list{s1, g, s2, mine}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_group_that_the_next_start_stands_on_counts_even_against_a_late_barrier) {
  log_builder log;
  auto s1 = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g = log.add(record_kind::group, 10, 2, s1, 2);
  auto s2 = log.add(record_kind::start, 20, 1, g, 3);
  log.add(record_kind::barrier, 10, 3, s1, 2);
  BOOST_TEST(log.valid() == (list{s1, g, s2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_two_starts_of_one_epoch_the_higher_attempt_counts) {
  log_builder log;
  auto low = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto high = log.add(record_kind::start, 10, 2, log.anchor.hash, 1);
  log.add(record_kind::group, 10, 3, low, 2);
  auto g = log.add(record_kind::group, 10, 4, high, 2);
  BOOST_TEST(log.valid() == (list{high, g}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_higher_start_that_does_not_chain_back_is_ignored) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  log.add(record_kind::start, 30, 1, record_hash("elsewhere"), 5);
  BOOST_TEST(log.valid() == (list{s}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_release_ends_its_epoch) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto r = log.add(record_kind::release, 10, 2, s, 2);
  log.add(record_kind::group, 10, 3, r, 3);
  BOOST_TEST(log.valid() == (list{s, r}), boost::test_tools::per_element());
  auto s2 = log.add(record_kind::start, 11, 1, r, 3);
  BOOST_TEST(log.valid() == (list{s, r, s2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(doubled_records_count_once) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g = log.add(record_kind::group, 10, 2, s, 2);
  log.add(record_kind::group, 10, 2, s, 2);
  BOOST_TEST(log.valid() == (list{s, g}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_roll_only_the_named_channel_counts) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto roll = log.add(record_kind::roll, 10, 2, s, 2, log_1, log_2);
  log.add(record_kind::group, 10, 9, roll, 3, log_1);
  auto g = log.add(record_kind::group, 10, 3, roll, 3, log_2);
  auto g2 = log.add(record_kind::group, 10, 4, g, 4, log_2);
  BOOST_TEST(log.valid() == (list{s, roll, g, g2}), boost::test_tools::per_element());
  auto s2 = log.add(record_kind::start, 20, 1, g2, 5, log_2);
  BOOST_TEST(log.valid() == (list{s, roll, g, g2, s2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(from_any_record_that_counts_the_rest_of_the_chain_is_the_same) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    log_builder log;
    auto tip = log.anchor.hash;
    std::uint64_t epoch = 10, attempt = 0, lsn = 0;
    tip = log.add(record_kind::start, epoch, ++attempt, tip, ++lsn);
    for (int step = 0; step < 30; ++step) {
      auto before = tip;
      ++lsn;
      if (random() % 6 == 0) {  // a successor; a record of the one before arrives late
        tip = log.add(record_kind::start, epoch += 10, attempt = 1, before, lsn);
        log.add(record_kind::group, epoch - 10, 1000 + static_cast<std::uint64_t>(step), before, lsn);
        continue;
      }
      if (random() % 4 == 0) log.add(record_kind::group, epoch, ++attempt, before, lsn);  // in doubt, then voided
      tip = log.add(random() % 3 == 0 ? record_kind::barrier : record_kind::group, epoch, ++attempt, before, lsn);
    }
    auto all = valid_chain(log.anchor, log.records);
    BOOST_REQUIRE(log.records[all.back()].header.hash == tip);
    for (std::size_t n = 0; n < all.size(); ++n) {
      const auto& h = log.records[all[n]].header;
      auto rest = valid_chain({h.epoch, h.attempt, h.lsn, h.hash, log_1}, log.records);
      BOOST_TEST(rest == std::vector<std::size_t>(all.begin() + static_cast<std::ptrdiff_t>(n) + 1, all.end()), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_whose_predecessor_is_gone_tells_that_the_log_has_lost_one) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g1 = log.add(record_kind::group, 10, 2, s, 2);
  auto g2 = log.add(record_kind::group, 10, 3, g1, 3);
  log.add(record_kind::group, 10, 4, g2, 4);
  BOOST_TEST(!record_without_predecessor(log.anchor, log.records).has_value());
  auto lost = log.records;
  lost.erase(lost.begin() + 1);
  BOOST_TEST(lost.at(record_without_predecessor(log.anchor, lost).value()).header.lsn == 3u);
  lost.erase(lost.begin() + 1);
  BOOST_TEST(lost.at(record_without_predecessor(log.anchor, lost).value()).header.lsn == 4u);
  chain_anchor later{10, 2, 2, g1, log_1};  // what stands at or before the anchor need not have a predecessor
  BOOST_TEST(!record_without_predecessor(later, {log.records.begin() + 1, log.records.end()}).has_value());
}

BOOST_AUTO_TEST_CASE(a_log_with_holes_is_read_up_to_each_hole_and_on_behind_it) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  auto g2 = log.add(record_kind::group, 10, 2, s, 2);
  auto g3 = log.add(record_kind::group, 10, 3, g2, 3);
  auto roll = log.add(record_kind::roll, 10, 4, g3, 4, log_1, log_2);
  auto g5 = log.add(record_kind::group, 10, 5, roll, 5, log_2);
  auto t = log.add(record_kind::start, 20, 1, g5, 6, log_2);
  log.add(record_kind::group, 20, 2, t, 7, log_2);
  auto hashes_without = [&](std::vector<std::size_t> lost, std::vector<std::uint64_t> expected, std::size_t gaps) {
    std::vector<chain_record> left;
    for (std::size_t i = 0; i < log.records.size(); ++i) {
      if (std::find(lost.begin(), lost.end(), i) == lost.end()) left.push_back(log.records[i]);
    }
    auto found = bridged_chain(log.anchor, left);
    std::vector<std::uint64_t> lsns;
    for (auto i : found.chain) lsns.push_back(left[i].header.lsn);
    BOOST_TEST(lsns == expected, boost::test_tools::per_element());
    BOOST_TEST(found.gaps.size() == gaps);
    return found.gaps;
  };
  hashes_without({}, {1, 2, 3, 4, 5, 6, 7}, 0);
  auto gap = hashes_without({1}, {1, 3, 4, 5, 6, 7}, 1).at(0);
  BOOST_TEST((gap.first_lsn == 2 && gap.last_lsn == 2 && gap.before == 1));
  hashes_without({1, 2}, {1, 4, 5, 6, 7}, 1);
  hashes_without({1, 4}, {1, 3, 4, 6, 7}, 2);
  hashes_without({5}, {1, 2, 3, 4, 5, 7}, 1);     // a start
  hashes_without({0, 1, 2, 3}, {5, 6, 7}, 1);     // a whole segment
  hashes_without({6}, {1, 2, 3, 4, 5, 6}, 0);     // the newest alone leaves no trace
}

BOOST_AUTO_TEST_CASE(a_record_that_counted_for_nothing_is_not_taken_for_the_lost_one_of_its_lsn) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  log.add(record_kind::group, 10, 2, s, 2);  // voided by the barrier
  auto barrier = log.add(record_kind::barrier, 10, 3, s, 2);
  log.add(record_kind::group, 10, 4, barrier, 3);
  log.records.erase(log.records.begin() + 2);
  auto found = bridged_chain(log.anchor, log.records);
  BOOST_REQUIRE(found.gaps.size() == 1u);
  BOOST_TEST((found.gaps[0].first_lsn == 2 && found.gaps[0].last_lsn == 2));
  BOOST_REQUIRE(found.chain.size() == 2u);
  BOOST_TEST(log.records[found.chain[1]].header.lsn == 3u);
}

// Who accepts that the log's end is lost starts on what is left, with a number beyond all that may be lost, in a channel to which no roll leads.
BOOST_AUTO_TEST_CASE(a_start_that_leaps_goes_on_behind_a_loss_that_was_accepted) {
  for (bool tip_gone : {false, true}) {
    log_builder log;
    auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
    auto roll = log.add(record_kind::roll, 10, 2, s, 2, log_1, log_2);
    log.add(record_kind::start, 15, 1, roll, 900, log_2);  // of one who was not the last to accept it
    log.add(record_kind::start, 20, 1, roll, 1000, log_3);
    auto again = log.add(record_kind::start, 20, 2, roll, 1000, log_3);  // unanswered, so written twice
    log.add(record_kind::group, 20, 3, again, 1001, log_3);
    auto last = log.add(record_kind::group, 20, 4, log.records.back().header.hash, 1002, log_3);
    if (tip_gone) log.records.erase(log.records.begin() + 1);
    auto found = bridged_chain(log.anchor, log.records);
    std::vector<std::uint64_t> lsns;
    for (auto i : found.chain) lsns.push_back(log.records[i].header.lsn);
    auto expected = tip_gone ? std::vector<std::uint64_t>{1, 900, 1000, 1001, 1002} : std::vector<std::uint64_t>{1, 2, 1000, 1001, 1002};
    BOOST_TEST(lsns == expected, boost::test_tools::per_element());
    BOOST_TEST(log.records[found.chain.at(lsns.size() - 3)].header.attempt == 2u);
    BOOST_REQUIRE(found.gaps.size() == (tip_gone ? 2u : 1u));
    BOOST_TEST(found.gaps[0].accepted_once == !tip_gone);
    BOOST_TEST(found.gaps[0].first_lsn == (tip_gone ? 2u : 3u));
    BOOST_TEST(found.gaps.back().last_lsn == 999u);
    BOOST_TEST(bridged_chain({20, 3, 1001, log.records.at(log.records.size() - 2).header.hash, log_3}, log.records).gaps.empty());
    log.records.erase(log.records.end() - 2);  // a record behind the leap is lost, too
    BOOST_TEST(log.records[bridged_chain(log.anchor, log.records).chain.back()].header.hash == last);
  }
}

// What one wrote who saw no channel that is there counts for nothing.
BOOST_AUTO_TEST_CASE(a_start_that_leaps_from_within_the_chain_is_no_sign_of_a_loss) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  log.add(record_kind::start, 20, 1, s, 1000, log_2);
  auto t = log.add(record_kind::start, 30, 1, s, 2);
  log.add(record_kind::group, 30, 2, t, 3);
  auto found = bridged_chain(log.anchor, log.records);
  BOOST_TEST(found.gaps.empty());
  BOOST_TEST(found.chain.size() == 3u);
  log.records.erase(log.records.begin() + 2);  // of the chain: whoever came after the one who leaped has found more
  found = bridged_chain(log.anchor, log.records);
  BOOST_REQUIRE(found.chain.size() == 2u);
  BOOST_TEST(log.records[found.chain[1]].header.epoch == 30u);
}

BOOST_AUTO_TEST_CASE(a_roll_says_where_the_log_goes_on_and_repeats_the_last_checkpoint) {
  roll_record roll{7, base::channel_id{123}, checkpoint_reference{base::message_id{9}, "00ff"}};
  auto read = decode_roll(encode_roll(roll));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->number == 7u);
  BOOST_TEST((read->channel == roll.channel));
  BOOST_TEST((read->checkpoint->manifest == roll.checkpoint->manifest));
  BOOST_TEST(read->checkpoint->hash == "00ff");
  roll.checkpoint.reset();
  BOOST_TEST(!decode_roll(encode_roll(roll))->checkpoint.has_value());
  for (const char* bad : {"", "{}", R"({"segment":"1"})", R"({"segment":"x","channel":"1"})", R"({"segment":"1","channel":"0"})",
                          R"({"segment":1,"channel":"1"})", R"({"segment":"1","channel":"1","checkpoint":3})"}) {
    BOOST_TEST(!decode_roll(bad).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_lsn_or_epoch_breaks_the_chain) {
  log_builder log;
  auto s = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  log.add(record_kind::group, 10, 2, s, 3);
  log.add(record_kind::group, 11, 2, s, 2);
  BOOST_TEST(log.valid() == (list{s}), boost::test_tools::per_element());
  log.add(record_kind::start, 5, 9, s, 2);  // an older epoch cannot follow a newer one
  BOOST_TEST(log.valid() == (list{s}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_long_chain_is_found_in_a_moment) {
  log_builder log;
  auto last = log.add(record_kind::start, 10, 1, log.anchor.hash, 1);
  for (std::uint64_t i = 2; i < 20000; ++i) last = log.add(record_kind::group, 10, i, last, i);
  BOOST_TEST(valid_chain(log.anchor, log.records).size() == 19999u);
}

BOOST_AUTO_TEST_SUITE_END()
