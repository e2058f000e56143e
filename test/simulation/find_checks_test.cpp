#include "simulation/find_checks.hpp"

#include <boost/test/unit_test.hpp>

#include "simulation/bank.hpp"
#include "simulation/linearizability.hpp"

using namespace dbcord;
using namespace dbcord::simulation;
using kind = operation_kind;
using outcome = operation_outcome;

namespace {

base::steady_time second(int n) { return base::steady_time(std::chrono::seconds(n)); }

// What a table's people did, in the order of asking.
struct table_script {
  history ops;

  table_script& write(std::string key, int asked, int answered, kind k, row_patch fields = {}, outcome o = outcome::done) {
    operation op;
    op.number = ops.size() + 1;
    op.kind = k;
    op.table = "t";
    op.key = std::move(key);
    op.invoked = second(asked);
    if (o != outcome::unknown) op.answered = second(answered);
    op.outcome = o;
    op.fields = std::move(fields);
    ops.push_back(std::move(op));
    return *this;
  }
  table_script& insert(std::string key, int asked, int answered, std::int64_t v, outcome o = outcome::done) {
    return write(std::move(key), asked, answered, kind::insert, {{"v", v}}, o);
  }
  table_script& update(std::string key, int asked, int answered, std::int64_t v, outcome o = outcome::done) {
    return write(std::move(key), asked, answered, kind::update, {{"v", v}}, o);
  }
  // The same find shows one key so, or does not show it.
  table_script& shows(std::string key, int asked, int answered, row_fields seen) {
    write(std::move(key), asked, answered, kind::read);
    ops.back().seen = std::move(seen);
    ops.back().find = 1;
    return *this;
  }
  table_script& hides(std::string key, int asked, int answered, std::vector<row_filter> filters = {}) {
    write(std::move(key), asked, answered, kind::read, {}, outcome::refused_absent);
    ops.back().find = 1;
    ops.back().hidden_from = std::move(filters);
    return *this;
  }
  bool of_one_moment() const { return check_snapshots(ops).empty(); }
  bool linearizable() const { return check_linearizability(ops).empty(); }
};

reply_meaning answered(std::vector<read_row> rows, std::size_t matched) {
  reply_meaning meaning;
  meaning.outcome = outcome::done;
  meaning.rows = std::move(rows);
  meaning.matched = matched;
  return meaning;
}

const std::vector<read_row> two_rows{{"k1", {{"v", 3}, {"q", 1}}}, {"k2", {{"v", 5}}}};

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_that_fits_its_question_is_fine) {
  BOOST_TEST(check_find({}, answered(two_rows, 2)).empty());
  BOOST_TEST(check_find({.where = {"v", 3, 5}, .sort = "v"}, answered(two_rows, 2)).empty());
  BOOST_TEST(check_find({.sort = "q"}, answered({two_rows[1], two_rows[0]}, 2)).empty());
  BOOST_TEST(check_find({.limit = 1}, answered({two_rows[0]}, 2)).empty());
  BOOST_TEST(check_find({.where = {"v", 0}, .count_only = true}, answered({}, 7)).empty());
}

BOOST_AUTO_TEST_CASE(a_row_that_does_not_match_is_a_violation) {
  BOOST_TEST(!check_find({.where = {"v", 4, 9}}, answered(two_rows, 2)).empty());
  BOOST_TEST(!check_find({.where = {"q", 1, 1}}, answered({two_rows[1]}, 1)).empty());
}

BOOST_AUTO_TEST_CASE(rows_out_of_order_too_many_too_few_or_twice_are_violations) {
  std::vector<read_row> turned{two_rows[1], two_rows[0]}, twice{two_rows[0], two_rows[0]};
  BOOST_TEST(!check_find({}, answered(turned, 2)).empty());
  BOOST_TEST(!check_find({.sort = "v"}, answered(turned, 2)).empty());
  BOOST_TEST(!check_find({.sort = "v", .descending = true}, answered(two_rows, 2)).empty());
  BOOST_TEST(!check_find({.limit = 1}, answered(two_rows, 2)).empty());
  BOOST_TEST(!check_find({.limit = 3}, answered(two_rows, 3)).empty());
  BOOST_TEST(!check_find({}, answered(twice, 2)).empty());
  BOOST_TEST(!check_find({.count_only = true}, answered(two_rows, 2)).empty());
}

BOOST_AUTO_TEST_CASE(two_rows_with_one_value_of_a_unique_field_are_a_violation) {
  std::vector<read_row> both{{"k1", {{"v", 3}, {"q", 1}}}, {"k2", {{"v", 5}, {"q", 1}}}};
  BOOST_TEST(check_find({}, answered(both, 2)).empty());
  BOOST_TEST(!check_find({.unique_q = true}, answered(both, 2)).empty());
  BOOST_TEST(!check_find({.where = {"q", 1, 1}, .count_only = true, .unique_q = true}, answered({}, 2)).empty());
}

BOOST_AUTO_TEST_CASE(a_page_tells_of_the_rows_that_would_have_come_before_its_end) {
  find_question sorted{.where = {"v", 2}, .sort = "v", .limit = 1};
  auto hidden = hidden_from(sorted, answered({two_rows[0]}, 2), "k9");
  BOOST_TEST_REQUIRE(hidden.has_value());
  auto is_among = [&](std::int64_t v) { return (*hidden)[0].matches({{"v", v}}) && (*hidden)[1].matches({{"v", v}}); };
  BOOST_TEST(!is_among(1));
  BOOST_TEST(is_among(2));
  BOOST_TEST(!is_among(4));
  BOOST_TEST(hidden_from({.limit = 1}, answered({two_rows[0]}, 2), "k0").has_value());
  BOOST_TEST(!hidden_from({.limit = 1}, answered({two_rows[0]}, 2), "k9").has_value());
  BOOST_TEST(!hidden_from({.count_only = true}, answered({}, 2), "k9").has_value());
}

BOOST_AUTO_TEST_CASE(a_row_that_matches_and_is_not_shown_is_a_violation) {
  row_filter high{"v", 5};
  BOOST_TEST(table_script().insert("a", 1, 2, 3).hides("a", 3, 4, {high}).linearizable());
  BOOST_TEST(!table_script().insert("a", 1, 2, 7).hides("a", 3, 4, {high}).linearizable());
  BOOST_TEST(!table_script().insert("a", 1, 2, 3).hides("a", 3, 4).linearizable());
  BOOST_TEST(table_script().insert("a", 1, 2, 7).update("a", 3, 6, 1).hides("a", 4, 5, {high}).linearizable());
}

BOOST_AUTO_TEST_CASE(a_find_that_shows_a_later_write_and_not_an_earlier_one_is_a_violation) {
  auto s = table_script().insert("a", 1, 2, 1).insert("b", 1, 2, 2).update("a", 3, 4, 3).update("b", 5, 6, 4);
  // Each row by itself is possible: the find took long.
  auto torn = table_script(s).shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 4}});
  BOOST_TEST(torn.linearizable());
  BOOST_TEST(!torn.of_one_moment());
  BOOST_TEST(table_script(s).shows("a", 2, 9, {{"v", 3}}).shows("b", 2, 9, {{"v", 2}}).of_one_moment());
  BOOST_TEST(table_script(s).shows("a", 2, 9, {{"v", 3}}).shows("b", 2, 9, {{"v", 4}}).of_one_moment());
  BOOST_TEST(table_script(s).shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 2}}).of_one_moment());
}

BOOST_AUTO_TEST_CASE(what_overlaps_or_has_no_answer_may_be_in_either_order) {
  auto overlapping = table_script().insert("a", 1, 2, 1).insert("b", 1, 2, 2).update("a", 3, 6, 3).update("b", 5, 7, 4);
  BOOST_TEST(overlapping.shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 4}}).of_one_moment());
  auto unanswered = table_script().insert("a", 1, 2, 1).insert("b", 1, 2, 2).update("a", 3, 4, 3, outcome::unknown).update("b", 5, 6, 4);
  BOOST_TEST(unanswered.shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 4}}).of_one_moment());
}

BOOST_AUTO_TEST_CASE(a_row_that_is_missing_beside_a_later_one_is_a_violation_unless_it_may_have_been_deleted) {
  auto s = table_script().insert("a", 1, 2, 1).insert("b", 3, 4, 2);
  BOOST_TEST(!table_script(s).hides("a", 1, 9).shows("b", 1, 9, {{"v", 2}}).of_one_moment());
  BOOST_TEST(table_script(s).write("a", 5, 6, kind::remove).hides("a", 1, 9).shows("b", 1, 9, {{"v", 2}}).of_one_moment());
  BOOST_TEST(table_script(s).write("a", 2, 0, kind::remove, {}, outcome::unknown).hides("a", 1, 9).shows("b", 1, 9, {{"v", 2}}).of_one_moment());
  BOOST_TEST(table_script(s).shows("a", 1, 9, {{"v", 1}}).hides("b", 1, 9).of_one_moment());
}

BOOST_AUTO_TEST_CASE(a_deletion_that_is_not_seen_beside_a_later_write_is_a_violation) {
  auto s = table_script().insert("a", 1, 2, 1).insert("b", 1, 2, 2).write("a", 3, 4, kind::remove).update("b", 5, 6, 3);
  BOOST_TEST(!table_script(s).shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 3}}).of_one_moment());
  BOOST_TEST(table_script(s).shows("a", 2, 9, {{"v", 1}}).shows("b", 2, 9, {{"v", 2}}).of_one_moment());
}

BOOST_AUTO_TEST_CASE(a_number_of_rows_lies_between_what_must_and_what_may_have_matched) {
  auto s = table_script().insert("a", 1, 2, 5).insert("b", 1, 2, 9).insert("c", 3, 8, 6).update("b", 3, 0, 1, outcome::unknown);
  std::vector<std::pair<std::string, std::string>> keys{{"t", "a"}, {"t", "b"}, {"t", "c"}, {"t", "d"}};
  auto fits = [&](std::size_t matched, row_filter where = {"v", 5}) {
    return check_counts(s.ops, {{"t", where, second(4), second(5), matched}}, keys).empty();
  };
  BOOST_TEST(!fits(0));
  BOOST_TEST(fits(1));  // a
  BOOST_TEST(fits(3));  // b is as it was, c is there already
  BOOST_TEST(!fits(4));
  BOOST_TEST(fits(0, {"v", 7, 8}));
  BOOST_TEST(!fits(1, {"v", 7, 8}));
  // Afterwards c is there for certain.
  BOOST_TEST(!check_counts(s.ops, {{"t", {"v", 5}, second(9), second(10), 1}}, keys).empty());
}

BOOST_AUTO_TEST_CASE(of_two_rows_that_one_transaction_changes_a_find_shows_both_or_neither) {
  bank::pair_question asked{"b0", {.where = {"n", 4}}};
  read_row mark{"b0mark", {{"n", 4}}}, twin{"b0twin", {{"n", 4}}}, newer{"b0twin", {{"n", 5}}};
  BOOST_TEST(bank::check_pair(asked, answered({mark, twin}, 2)).empty());
  BOOST_TEST(bank::check_pair(asked, answered({}, 0)).empty());
  BOOST_TEST(!bank::check_pair(asked, answered({twin}, 1)).empty());
  BOOST_TEST(!bank::check_pair(asked, answered({mark, newer}, 2)).empty());
  asked.asked.count_only = true;
  BOOST_TEST(bank::check_pair(asked, answered({}, 2)).empty());
  BOOST_TEST(!bank::check_pair(asked, answered({}, 1)).empty());
  BOOST_TEST(!bank::check_pair({"b0", {}}, answered({}, 0)).empty());
}

BOOST_AUTO_TEST_CASE(conditions_are_written_as_people_write_them) {
  BOOST_TEST(where_json({}) == "{}");
  BOOST_TEST(where_json({"q", 2, 2}) == R"({"q":2})");
  BOOST_TEST(where_json({"v", 2}) == R"({"v":{"$gte":2}})");
  BOOST_TEST(where_json({"v", 2, 5}) == R"({"v":{"$gte":2,"$lte":5}})");
}
