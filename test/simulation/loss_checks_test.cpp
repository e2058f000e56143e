// The judge of what people's deletions leave behind.

#include "simulation/loss_checks.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

database::row lossy_row(const std::string& key, std::uint64_t version, std::uint64_t lsn, const std::string& json) {
  database::row r;
  r.key = key;
  r.version = version;
  r.lsn = lsn;
  r.json = json;
  return r;
}

// Table t, made by record 2; a: versions of records 3 and 5; b: of record 5; c: of record 4, deleted by record 6.
struct lossy_fixture {
  lossy_fixture() {
    logged.tables["t"] = {1, 2};
    logged.rows[{1, "a"}] = {{3, 1, "a1"}, {5, 2, "a2"}};
    logged.rows[{1, "b"}] = {{5, 1, "b1"}};
    logged.rows[{1, "c"}] = {{4, 1, "c1"}, {6, 2, {}}};
    before.name = after.name = "t";
    before.rows["a"] = lossy_row("a", 2, 5, "a2");
    before.rows["b"] = lossy_row("b", 1, 5, "b1");
    after = before;
  }
  std::size_t found(std::set<std::uint64_t> lost) const { return check_what_is_left({before}, {after}, {std::move(lost)}, logged).size(); }

  logged_content logged;
  table_content before, after;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(loss_checks_suite, lossy_fixture)

BOOST_AUTO_TEST_CASE(what_is_as_it_was_is_right_whatever_is_lost) {
  BOOST_TEST(found({}) == 0u);
  BOOST_TEST(found({5}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_row_of_a_lost_record_goes_back_or_away_with_all_the_others_of_that_record) {
  after.rows["a"] = lossy_row("a", 1, 3, "a1");
  after.rows.erase("b");
  BOOST_TEST(found({5}) == 0u);
  BOOST_TEST(found({4}) == 2u);
  after.rows["b"] = before.rows["b"];
  BOOST_TEST(found({5}) == 1u);  // half a transaction
}

BOOST_AUTO_TEST_CASE(a_row_of_a_lost_record_that_stands_in_a_message_stays) {
  lost_records lost{{5}, false, {{1, "a", 5}}};
  BOOST_TEST(check_what_is_left({before}, {after}, lost, logged).empty());
  after.rows.erase("b");
  BOOST_TEST(check_what_is_left({before}, {after}, lost, logged).empty());
  after.rows["a"] = lossy_row("a", 1, 3, "a1");
  BOOST_TEST(check_what_is_left({before}, {after}, lost, logged).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_row_shows_only_what_was_logged_once) {
  after.rows["a"] = lossy_row("a", 1, 3, "never");
  after.rows.erase("b");
  BOOST_TEST(found({5}) == 1u);
}

BOOST_AUTO_TEST_CASE(a_deleted_row_comes_back_only_if_its_deletion_is_lost) {
  after.rows["c"] = lossy_row("c", 1, 4, "c1");
  BOOST_TEST(found({6}) == 0u);
  BOOST_TEST(found({5}) == 1u);
}

BOOST_AUTO_TEST_CASE(a_table_goes_only_with_the_record_that_made_it) {
  auto left = [&](std::set<std::uint64_t> lost) { return check_what_is_left({before}, {}, {std::move(lost)}, logged).size(); };
  BOOST_TEST(left({2}) == 0u);
  BOOST_TEST(left({3}) == 1u);
  BOOST_TEST(check_what_is_left({}, {after}, {{2}}, logged).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_table_comes_back_only_if_the_record_of_its_drop_is_lost) {
  logged.drops[1] = {7};
  BOOST_TEST(check_what_is_left({}, {after}, {{6}}, logged).size() == 1u);
  BOOST_TEST(check_what_is_left({}, {after}, {{7}}, logged).empty());
}

BOOST_AUTO_TEST_CASE(sentences_name_records_one_by_one_or_as_ranges) {
  auto named = records_named_in("log record 4 is gone: message 17 in channel 9 stands on it; log records 7 to 9 are gone: message 18 in channel 9 stands on them");
  for (std::uint64_t lsn = 1; lsn < 20; ++lsn) BOOST_TEST(is_named(named, lsn) == (lsn == 4 || (7 <= lsn && lsn <= 9)));
  BOOST_TEST(records_named_in("channel 5, which held the log from record 6 on, is gone").empty());
}

BOOST_AUTO_TEST_SUITE_END()
