// The judge of what people are told of the past.

#include "simulation/past_checks.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

base::steady_time at_second(int second) { return base::steady_time(std::chrono::seconds(second)); }

user_reply told_of_past(bool success, std::string text) {
  user_reply reply;
  reply.what = user_reply::kind::answered;
  reply.text = (success ? "" : "\xE2\x9D\x8C ") + text;
  return reply;
}

std::string json_of(std::int64_t v) { return row_json("k", {{"v", v}}); }

// Row k of table t0: made by record 3, changed by 5 (twice), deleted by 7, made anew by 9. Records 5' and 10 do not count.
struct past_fixture {
  past_fixture() {
    logged.tables["t0"] = {1, 2};
    logged.rows[{1, "k"}] = {{3, 1, json_of(1), "r3", at_second(3)},  {5, 2, json_of(99), "r5'", at_second(4)}, {5, 2, json_of(2), "r5", at_second(5)},
                             {5, 3, json_of(3), "r5", at_second(5)},  {7, 4, {}, "r7", at_second(7)},           {9, 5, json_of(5), "r9", at_second(9)},
                             {10, 6, json_of(98), "r10", at_second(10)}};
  }
  static past_read as_of(std::uint64_t lsn, user_reply reply, int second = 20) {
    past_read r{"t0", "k", lsn, 9, at_second(second)};
    read_past(reply, {}, r);
    return r;
  }
  static past_read shown(std::uint64_t lsn, std::uint64_t version, std::int64_t v) {
    auto text = "`k` in `sim.t0` as of `" + std::to_string(lsn) + "`, version " + std::to_string(version) + ". https://x\n```json\n" + json_of(v) + "\n```";
    return as_of(lsn, told_of_past(true, std::move(text)));
  }
  static past_read absent(std::uint64_t lsn) { return as_of(lsn, told_of_past(false, "Table t0 of database sim had no row with key \"k\" then.")); }
  static past_read refused(std::uint64_t lsn, int first, int second = 20) {
    auto text = "As_of: table t0 keeps no versions of this row from so long ago; the first LSN of which all is known is " + std::to_string(first) + ".";
    return as_of(lsn, told_of_past(false, text), second);
  }
  static past_read lost(std::uint64_t lsn) { return as_of(lsn, told_of_past(false, "Version 1 of row \"k\" is lost: people deleted its message.")); }
  static past_read future(std::uint64_t lsn) { return as_of(lsn, told_of_past(false, "As_of: the newest LSN is 9, so nothing is known of it.")); }
  bool fine(past_read r, past_excuses excuses = {}) { return check_past({std::move(r)}, {}, logged, {"r3", "r5", "r7", "r9"}, excuses, &figures).empty(); }
  bool fine(const std::string& history) {
    past_history h{"t0", "k"};
    read_history(told_of_past(true, history), h);
    return check_past({}, {h}, logged, {"r3", "r5", "r7", "r9"}, {}, &figures).empty();
  }

  logged_content logged;
  past_figures figures;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_row_of_the_past_is_the_last_version_up_to_then_of_those_that_count, past_fixture) {
  BOOST_TEST(fine(shown(3, 1, 1)));
  BOOST_TEST(fine(shown(4, 1, 1)));
  BOOST_TEST(fine(shown(5, 3, 3)));
  BOOST_TEST(fine(shown(12, 5, 5)));
  BOOST_TEST(figures.answered == 4u);
  BOOST_TEST(figures.of_older == 3u);
  BOOST_TEST(!fine(shown(4, 2, 2)));    // too new
  BOOST_TEST(!fine(shown(5, 1, 1)));    // too old
  BOOST_TEST(!fine(shown(5, 2, 2)));    // not the last one of its record
  BOOST_TEST(!fine(shown(5, 2, 99)));   // does not count
  BOOST_TEST(!fine(shown(12, 6, 98)));
  BOOST_TEST(!fine(shown(5, 3, 4)));    // another value
  BOOST_TEST(!fine(shown(5, 4, 3)));    // another version
  BOOST_TEST(!fine(shown(2, 1, 1)));    // not yet
  BOOST_TEST(!fine(shown(7, 3, 3)));    // deleted
  auto present = as_of(5, told_of_past(true, "`k` in `sim.t0`, version 3. https://x\n```json\n" + json_of(3) + "\n```"));
  BOOST_TEST(!fine(present));
}

BOOST_FIXTURE_TEST_CASE(that_there_was_no_row_is_told_only_where_there_was_none, past_fixture) {
  BOOST_TEST(fine(absent(2)));
  BOOST_TEST(fine(absent(7)));
  BOOST_TEST(fine(absent(8)));
  BOOST_TEST(!fine(absent(6)));
  BOOST_TEST(!fine(absent(9)));
  BOOST_TEST(!fine(as_of(2, told_of_past(false, "Table t0 of database sim has no row with key \"k\"."))));
}

BOOST_FIXTURE_TEST_CASE(what_is_refused_may_be_gone, past_fixture) {
  past_excuses given_up{true, false}, deleted{false, true};
  BOOST_TEST(fine(refused(3, 5), given_up));
  BOOST_TEST(!fine(refused(3, 5)));
  BOOST_TEST(!fine(refused(3, 5), deleted));
  BOOST_TEST(!fine(refused(5, 5), given_up));      // it says that this is known
  BOOST_TEST(!fine(refused(9, 12), given_up));     // the newest version
  BOOST_TEST(!fine(refused(6, 12, 6), given_up));  // it was the newest then
  BOOST_TEST(fine(refused(6, 12, 7), given_up));
  BOOST_TEST(fine(lost(3), deleted));
  BOOST_TEST(!fine(lost(3), given_up));
  BOOST_TEST(fine(future(10)));
  BOOST_TEST(!fine(future(9)));  // an answer had named it
  for (std::uint64_t n = 0; n < 200; ++n) logged.rows[{1, "other"}].push_back({11 + n, 1 + n, json_of(1), "r3", at_second(11)});
  BOOST_TEST(fine(refused(3, 5)));  // more than are kept
}

BOOST_FIXTURE_TEST_CASE(what_says_nothing_of_the_past_is_not_judged_and_what_nobody_knows_is_strange, past_fixture) {
  user_reply none;
  BOOST_TEST(fine(as_of(3, none)));
  BOOST_TEST(fine(as_of(3, told_of_past(false, "Version 1 of row \"k\" cannot be read: Discord did not answer in time."))));
  BOOST_TEST(!fine(as_of(3, told_of_past(false, "Version 1 of row \"k\" cannot be read: its log record was dropped with its segment."))));
  BOOST_TEST(fine(as_of(3, told_of_past(false, "Table t0: what lies in its channel is still being found out; try again in a while."))));
  BOOST_TEST(!fine(as_of(3, told_of_past(false, "The moon is full."))));
  BOOST_TEST(figures.answered == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_history_has_versions_that_count_and_leaves_out_none_between_them, past_fixture) {
  auto line = [](int version, int lsn, const char* what) {
    auto caption = "- version " + std::to_string(version) + ", 2026-11-23T12:00:00Z, LSN " + std::to_string(lsn) + ": " + what;
    return caption + " by <@1> with `/dbc_update` https://x\n```json\n{}\n```\n";
  };
  std::string head = "5 versions of `k` in `sim.t0`, newest first.\n";
  BOOST_TEST(fine(head + line(5, 9, "written") + line(4, 7, "deleted") + line(3, 5, "written") + line(2, 5, "written") + line(1, 3, "written")));
  BOOST_TEST(fine(head + line(3, 5, "written") + line(2, 5, "written")));
  BOOST_TEST(figures.histories == 2u);
  BOOST_TEST(!fine(head + line(6, 10, "written")));                        // does not count
  BOOST_TEST(!fine(head + line(4, 7, "written")));                         // a deletion
  BOOST_TEST(!fine(head + line(5, 9, "written") + line(3, 5, "written")));  // one is missing
  BOOST_TEST(!fine(head + line(2, 5, "written") + line(3, 5, "written")));  // not newest first
  BOOST_TEST(!fine(head + line(3, 5, "lifted")));
}
