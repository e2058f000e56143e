#include "simulation/linearizability.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;
using kind = operation_kind;
using outcome = operation_outcome;

namespace {

base::steady_time at(int second) { return base::steady_time(std::chrono::seconds(second)); }

// Operations of one key, written down in the order of their invocation.
struct script {
  history ops;

  script& add(int invoked, int answered, kind k, outcome o, row_patch fields = {}) {
    operation op;
    op.number = ops.size() + 1;
    op.kind = k;
    op.key = "k";
    op.table = "t";
    op.invoked = at(invoked);
    if (o != outcome::unknown) op.answered = at(answered);
    op.outcome = o;
    op.fields = std::move(fields);
    ops.push_back(op);
    return *this;
  }
  script& insert(int invoked, int answered, std::int64_t v, outcome o = outcome::done) {
    return add(invoked, answered, kind::insert, o, {{"v", v}});
  }
  script& update(int invoked, int answered, std::int64_t v, outcome o = outcome::done) {
    return add(invoked, answered, kind::update, o, {{"v", v}});
  }
  script& remove(int invoked, int answered, outcome o = outcome::done) {
    return add(invoked, answered, kind::remove, o);
  }
  script& reads(int invoked, int answered, row_fields seen) {
    add(invoked, answered, kind::read, outcome::done);
    ops.back().seen = std::move(seen);
    return *this;
  }
  script& reads_absent(int invoked, int answered) {
    return add(invoked, answered, kind::read, outcome::refused_absent);
  }
  script& version(std::uint64_t v) {
    ops.back().version = v;
    return *this;
  }
  // Of an update or a deletion: only of that version; refused, the row has another one.
  script& if_version(std::uint64_t expected, std::optional<std::uint64_t> has_instead = {}) {
    ops.back().expected_version = expected;
    if (has_instead) ops.back().version = has_instead;
    return *this;
  }
  bool fine() const { return check_key(ops).explained; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_plain_sequence_is_explained) {
  BOOST_TEST(script().insert(1, 2, 7).reads(3, 4, {{"v", 7}}).update(5, 6, 8).reads(7, 8, {{"v", 8}}).remove(9, 10)
                 .reads_absent(11, 12).fine());
}

BOOST_AUTO_TEST_CASE(an_acknowledged_insert_that_is_gone_is_a_violation) {
  BOOST_TEST(!script().insert(1, 2, 7).reads_absent(3, 4).fine());
}

BOOST_AUTO_TEST_CASE(an_acknowledged_update_that_is_gone_is_a_violation) {
  BOOST_TEST(!script().insert(1, 2, 7).update(3, 4, 8).reads(5, 6, {{"v", 7}}).fine());
}

BOOST_AUTO_TEST_CASE(two_acknowledged_inserts_of_a_key_are_a_violation) {
  BOOST_TEST(!script().insert(1, 4, 7).insert(2, 5, 8).fine());
}

BOOST_AUTO_TEST_CASE(a_refused_write_that_shows_is_a_violation) {
  BOOST_TEST(!script().insert(1, 2, 7, outcome::refused).reads(3, 4, {{"v", 7}}).fine());
  BOOST_TEST(!script().insert(1, 2, 7).update(3, 4, 8, outcome::refused).reads(5, 6, {{"v", 8}}).fine());
}

BOOST_AUTO_TEST_CASE(a_refusal_must_be_true_at_some_instant) {
  BOOST_TEST(!script().insert(1, 2, 7, outcome::refused_exists).fine());
  BOOST_TEST(!script().insert(1, 2, 7).update(3, 4, 8, outcome::refused_absent).fine());
  BOOST_TEST(script().insert(1, 4, 7).insert(2, 3, 8, outcome::refused_exists).fine());
}

BOOST_AUTO_TEST_CASE(an_unknown_write_may_happen_late_or_never_but_not_twice) {
  auto unknown_insert = script().insert(1, 2, 7, outcome::unknown);
  BOOST_TEST(script(unknown_insert).reads_absent(3, 4).fine());
  BOOST_TEST(script(unknown_insert).reads_absent(3, 4).reads(50, 51, {{"v", 7}}).fine());
  BOOST_TEST(!script(unknown_insert).reads(3, 4, {{"v", 7}}).remove(5, 6).reads(7, 8, {{"v", 7}}).fine());
}

BOOST_AUTO_TEST_CASE(an_unknown_write_cannot_happen_before_it_was_asked_for) {
  BOOST_TEST(!script().reads(1, 2, {{"v", 7}}).insert(3, 4, 7, outcome::unknown).fine());
}

BOOST_AUTO_TEST_CASE(a_read_older_than_an_answered_read_is_a_violation) {
  auto s = script().insert(1, 2, 7).update(3, 10, 8);
  BOOST_TEST(script(s).reads(4, 5, {{"v", 7}}).reads(6, 7, {{"v", 8}}).fine());
  BOOST_TEST(!script(s).reads(4, 5, {{"v", 8}}).reads(6, 7, {{"v", 7}}).fine());
}

BOOST_AUTO_TEST_CASE(concurrent_updates_merge_and_none_is_lost) {
  auto s = script().insert(1, 2, 0).add(3, 6, kind::update, outcome::done, {{"a", 1}})
               .add(4, 5, kind::update, outcome::done, {{"b", 2}});
  BOOST_TEST(script(s).reads(7, 8, {{"v", 0}, {"a", 1}, {"b", 2}}).fine());
  BOOST_TEST(!script(s).reads(7, 8, {{"v", 0}, {"a", 1}}).fine());
}

BOOST_AUTO_TEST_CASE(a_version_that_skips_or_repeats_is_a_violation) {
  BOOST_TEST(script().insert(1, 2, 7).version(1).update(3, 4, 8).version(2).reads(5, 6, {{"v", 8}}).version(2).fine());
  BOOST_TEST(!script().insert(1, 2, 7).version(1).update(3, 4, 8).version(3).fine());
  BOOST_TEST(!script().insert(1, 2, 7).version(1).update(3, 4, 8).reads(5, 6, {{"v", 8}}).version(1).fine());
}

BOOST_AUTO_TEST_CASE(what_expects_a_version_takes_place_where_the_row_has_it) {
  auto s = script().insert(1, 2, 7).reads(3, 4, {{"v", 7}}).version(1);
  BOOST_TEST(script(s).update(5, 6, 8).if_version(1).version(2).fine());
  BOOST_TEST(script(s).update(5, 6, 8).if_version(1).remove(7, 8).if_version(2).reads_absent(9, 10).fine());
  BOOST_TEST(!script(s).update(5, 6, 8).if_version(2).fine());
  BOOST_TEST(!script(s).remove(5, 6).if_version(2).fine());
  BOOST_TEST(!script(s).update(5, 6, 8).update(7, 8, 9).if_version(1).fine());
  BOOST_TEST(!script(s).remove(5, 6).update(7, 8, 9).if_version(1).fine());
}

BOOST_AUTO_TEST_CASE(of_two_who_expect_one_version_one_is_done) {
  auto s = script().insert(1, 2, 7).reads(3, 4, {{"v", 7}}).version(1).update(5, 9, 8).if_version(1);
  BOOST_TEST(script(s).update(6, 8, 9, outcome::refused_version).if_version(1, 2).fine());
  BOOST_TEST(!script(s).update(6, 8, 9).if_version(1).fine());
  BOOST_TEST(!script(s).remove(6, 8).if_version(1).fine());
}

BOOST_AUTO_TEST_CASE(what_was_expected_tells_the_version_of_what_comes_behind_it) {
  auto s = script().insert(1, 2, 7).update(3, 4, 8).if_version(5);
  BOOST_TEST(script(s).reads(5, 6, {{"v", 8}}).version(6).fine());
  BOOST_TEST(!script(s).reads(5, 6, {{"v", 8}}).version(5).fine());
  BOOST_TEST(!script(s).update(5, 6, 9).if_version(5).fine());
}

BOOST_AUTO_TEST_CASE(a_refusal_for_a_version_must_be_true_at_some_instant) {
  auto s = script().insert(1, 2, 7).update(3, 4, 8).version(2);
  BOOST_TEST(script(s).update(5, 6, 9, outcome::refused_version).if_version(1, 2).reads(7, 8, {{"v", 8}}).version(2).fine());
  BOOST_TEST(script(s).update(5, 9, 9).remove(6, 8, outcome::refused_version).if_version(2, 3).fine());
  BOOST_TEST(!script(s).update(5, 6, 9, outcome::refused_version).if_version(1, 3).fine());      // it has no such version,
  BOOST_TEST(!script(s).update(5, 6, 9, outcome::refused_version).if_version(2, 2).fine());      // or the one that was expected,
  BOOST_TEST(!script(s).update(5, 6, 9, outcome::refused_version).if_version(1).fine());         // or none that anybody names
  BOOST_TEST(!script(s).remove(5, 6).remove(7, 8, outcome::refused_version).if_version(1, 2).fine());
  BOOST_TEST(!script(s).update(5, 6, 9, outcome::refused_version).if_version(1, 2).reads(7, 8, {{"v", 9}}).fine());
  BOOST_TEST(!script().insert(1, 2, 7).update(3, 4, 8, outcome::refused_version).if_version(1, 2).reads(5, 6, {{"v", 7}}).version(1).fine());
}

BOOST_AUTO_TEST_CASE(what_is_unknown_and_expects_a_version_may_have_happened_only_where_the_row_has_it) {
  auto s = script().insert(1, 2, 7).update(3, 4, 8).version(2);
  BOOST_TEST(script(s).remove(5, 6, outcome::unknown).if_version(2).reads_absent(50, 51).fine());
  BOOST_TEST(script(s).remove(5, 6, outcome::unknown).if_version(2).reads(50, 51, {{"v", 8}}).fine());
  BOOST_TEST(!script(s).remove(5, 6, outcome::unknown).if_version(1).reads_absent(50, 51).fine());
  BOOST_TEST(!script(s).update(5, 6, 9, outcome::unknown).if_version(3).reads(50, 51, {{"v", 9}}).fine());
}

BOOST_AUTO_TEST_CASE(keys_are_checked_apart_and_the_report_names_the_bad_one) {
  auto good = script().insert(1, 2, 7).ops;
  auto bad = script().insert(1, 2, 7).reads_absent(3, 4).ops;
  for (auto& op : bad) op.key = "bad";
  good.insert(good.end(), bad.begin(), bad.end());
  auto violations = check_linearizability(good);
  BOOST_TEST_REQUIRE(violations.size() == 1);
  BOOST_TEST(violations[0].find("t/bad") == 0);
}

BOOST_AUTO_TEST_CASE(many_unknown_writes_do_not_explode_the_search) {
  script s;
  for (int i = 0; i < 12; ++i) s.update(1, 2, 100 + i, outcome::unknown);
  s.insert(3, 4, 0);
  int now = 5;
  for (int i = 0; i < 60; ++i, now += 2) s.update(now, now + 3, i);
  s.reads(now + 5, now + 6, {{"v", 59}});
  auto verdict = check_key(s.ops);
  BOOST_TEST(verdict.explained);
  BOOST_TEST(!verdict.gave_up);
  BOOST_TEST(verdict.states < 10'000);
}
