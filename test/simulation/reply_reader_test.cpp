#include "simulation/reply_reader.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "bot/message_rendering.hpp"

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

user_reply answered(std::string text) {
  user_reply reply;
  reply.what = user_reply::kind::answered;
  reply.text = std::move(text);
  return reply;
}

// As the bot shows it.
user_reply shown(bool ok, std::string text, std::vector<std::string> rows = {}) {
  commands::reply r;
  r.ok = ok;
  r.text = std::move(text);
  r.rows = std::move(rows);
  return answered(bot::render(r, {}).content);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_read_row_is_taken_from_the_json_block) {
  auto meaning = read_reply("dbc_get", shown(true, "`k1` in `sim.t0`, version 3. https://x", {R"({"id":"k1","v":7})"}));
  BOOST_TEST(meaning.strange == "");
  BOOST_TEST((meaning.outcome == operation_outcome::done));
  BOOST_TEST(meaning.version.value() == 3);
  BOOST_TEST(meaning.rows.at(0).key == "k1");
  BOOST_TEST(meaning.rows.at(0).fields.at("v") == 7);
}

BOOST_AUTO_TEST_CASE(a_find_that_shows_another_number_of_rows_than_it_says_is_strange) {
  std::vector<std::string> rows = {R"({"id":"k1","v":7})", R"({"id":"k2","v":8})"};
  BOOST_TEST(read_reply("dbc_find", shown(true, "2 rows of `sim.t0` match (scan).", rows)).strange == "");
  BOOST_TEST(read_reply("dbc_find", shown(true, "3 rows of `sim.t0` match (scan).", rows)).strange != "");
  BOOST_TEST(read_reply("dbc_find", shown(true, "No row of `sim.t0` matches (scan).")).strange == "");
  auto page = read_reply("dbc_find", shown(true, "5 rows of `sim.t0` match (scan). Shown: 1 to 2. Go on with `after:k2`.", rows));
  BOOST_TEST(page.strange == "");
  BOOST_TEST(page.matched.value() == 5);
  BOOST_TEST(page.plan == "scan");
  BOOST_TEST(read_reply("dbc_find", shown(true, "5 rows of `sim.t0` match (scan). Shown: 1 to 3. Go on with `skip:3`.", rows)).strange != "");
  BOOST_TEST(read_reply("dbc_find", shown(true, "At least 3 rows of `sim.t0` match (scan). Shown: 1 to 2. Go on with `skip:2`.", rows)).at_least);
  auto number = read_reply("dbc_find", shown(true, "5 rows of `sim.t0` match (scan)."));
  BOOST_TEST(number.strange == "");
  BOOST_TEST(number.matched.value() == 5);
}

BOOST_AUTO_TEST_CASE(refusals_are_told_apart) {
  auto outcome = [](std::string text) { return read_reply("dbc_insert", shown(false, std::move(text))).outcome; };
  BOOST_TEST((outcome("Table t0 of database sim has a row with key \"k\" already; use /dbc_update to change it.") ==
              operation_outcome::refused_exists));
  BOOST_TEST((outcome("Table t0 of database sim has no row with key \"k\".") == operation_outcome::refused_absent));
  BOOST_TEST((outcome("The answer was lost. It is done or not done as a whole. Receipt: `1`") ==
              operation_outcome::unknown));
  BOOST_TEST((outcome("Too busy. Nothing was changed; try again in a moment.") == operation_outcome::refused));
}

BOOST_AUTO_TEST_CASE(a_refusal_for_a_version_names_the_one_that_the_row_has) {
  auto told = [](const char* text) { return read_reply("dbc_update", shown(false, text)); };
  auto meaning = told("Row \"k\" of table t0 was changed meanwhile: it has version 4, not 3; nothing was changed, look at it and try again.");
  BOOST_TEST(meaning.strange == "");
  BOOST_TEST((meaning.outcome == operation_outcome::refused_version));
  BOOST_TEST(meaning.version.value() == 4u);
  BOOST_TEST(told("Row \"k\" of table t0 was changed meanwhile: it has version four; nothing was changed.").strange != "");
  BOOST_TEST(told("Row \"k\" of table t0 was changed meanwhile: it has version 4, not 3; look at it.").strange != "");
}

BOOST_AUTO_TEST_CASE(a_person_who_is_told_that_the_table_is_gone_is_a_violation) {
  BOOST_TEST(read_reply("dbc_get", shown(false, "There is no table `t0` in `sim`.")).strange != "");
  BOOST_TEST(read_reply("dbc_insert", shown(true, "Something else.")).strange != "");
  BOOST_TEST(read_reply("dbc_insert", shown(false, "Something went wrong.")).strange != "");
}

BOOST_AUTO_TEST_CASE(an_import_names_each_refused_row) {
  auto text = "Imported 1 row into `sim.t0`, refused 1. https://x\n- line 2, `k2`: table t0 of database sim has a row with key \"k2\" already";
  auto meaning = read_reply("dbc_import", shown(true, text));
  BOOST_TEST(meaning.strange == "");
  BOOST_TEST((outcome_of_refusal(meaning.refused_rows.at("k2")) == operation_outcome::refused_exists));
  BOOST_TEST(read_reply("dbc_import", shown(true, "Imported 1 row into `sim.t0`, refused 1.")).strange != "");
  auto many = read_reply("dbc_import", shown(true, "Imported 1 row into `sim.t0`, refused 3.\n- line 2, `k2`: no\n… and 2 more, all in the attached `refused.jsonl`."));
  BOOST_TEST(many.strange == "");
  BOOST_TEST(many.unnamed_refusals);
}

BOOST_AUTO_TEST_CASE(an_import_that_fails_in_the_middle_is_neither_done_nor_refused) {
  auto meaning = [](std::string text) { return read_reply("dbc_import", shown(false, std::move(text))); };
  auto some = meaning("3 of 6 rows were imported before this error: too much waits to be written; import the file again, rows that are there already will be refused as duplicates.");
  BOOST_TEST(some.strange == "");
  BOOST_TEST((some.outcome == operation_outcome::unknown));  // of a single row
  BOOST_TEST(some.imported.value() == 3u);
  BOOST_TEST(some.no_others);
  auto none = meaning("0 of 12 rows were imported before this error: too much waits to be written; import the file again, rows that are there already are replaced.");
  BOOST_TEST(none.strange == "");
  BOOST_TEST((none.outcome == operation_outcome::refused));
  BOOST_TEST(none.imported.value() == 0u);
  BOOST_TEST(none.no_others);
  auto doubt = meaning("12 of 60 rows were imported for certain, and whether others were is not known yet, since Discord's answer did not come; import the file again.");
  BOOST_TEST(doubt.strange == "");
  BOOST_TEST((doubt.outcome == operation_outcome::unknown));
  BOOST_TEST(doubt.imported.value() == 12u);
  BOOST_TEST(!doubt.no_others);
  BOOST_TEST(meaning("7 of 6 rows were imported before this error: too much waits to be written.").strange != "");
  BOOST_TEST(meaning("3 of 6 rows were imported before this error: the moon was full.").strange != "");
  BOOST_TEST(!meaning("Whether this was done is not known yet. Receipt: `1`").imported);
  auto refused = meaning("Database sim is closed here.");
  BOOST_TEST(refused.imported.value() == 0u);
  BOOST_TEST(refused.no_others);
}

BOOST_AUTO_TEST_CASE(no_answer_is_unknown_and_an_interaction_that_was_never_accepted_is_refused) {
  user_reply nothing;
  BOOST_TEST((read_reply("dbc_insert", nothing).outcome == operation_outcome::unknown));
  nothing.what = user_reply::kind::failed;
  BOOST_TEST((read_reply("dbc_insert", nothing).outcome == operation_outcome::refused));
}

BOOST_AUTO_TEST_CASE(a_number_that_is_told_by_a_long_text_is_read_only_from_exactly_that_text) {
  std::size_t longest = 0;
  for (std::int64_t n : {0, 7, 8, 9, 10, 123'456}) {
    auto json = row_json("k1", {{"t", n}, {"v", 1}});
    auto row = parse_row(json);
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST((row->fields == row_fields{{"t", n}, {"v", 1}}));
    json.replace(json.find('|') + 3, 1, "~");
    BOOST_TEST(!parse_row(json).has_value());
    longest = std::max(longest, json.size());
  }
  BOOST_TEST((longest > 3'500 && longest < 6'000));
  BOOST_TEST(row_json("", {{"t", std::nullopt}}) == R"({"t":null})");
}

BOOST_AUTO_TEST_CASE(rows_too_large_for_a_message_are_read_from_the_files_beside_it) {
  auto reply = shown(true, "`k1` in `sim.t0`, version 3. https://x", {row_json("k1", {{"t", 9}})});
  BOOST_REQUIRE(has_rows_in_files(reply));
  BOOST_TEST(read_reply("dbc_get", reply).strange != "");
  auto meaning = read_reply("dbc_get", reply, {{"row.json", row_json("k1", {{"t", 9}})}});
  BOOST_TEST(meaning.strange == "");
  BOOST_REQUIRE(meaning.rows.size() == 1u);
  BOOST_TEST(meaning.rows[0].fields.at("t") == 9);
}
