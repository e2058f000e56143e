// A find whose `fields` or `sort` name what no row shown has says so; so does an index on what no row has.
#include "commands/handlers_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_hints_fixture : handlers_fixture {
  find_hints_fixture() {
    in_users().with("where_json", "{}");
    engine.suggestions = {"age", "id", "name", "address"};
  }
  void finds(std::vector<std::string> rows) {
    engine.find_answer->matched = rows.size();
    engine.find_answer->plan = "scan";
    engine.find_answer->rows.clear();
    for (auto& json : rows) engine.find_answer->rows.push_back(test::fake_engine::row("k", 1, std::move(json)));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_hints, find_hints_fixture)

BOOST_AUTO_TEST_CASE(fields_that_no_row_shown_has_are_named_with_those_that_were_meant) {
  finds({"{}", "{}"});
  with("fields", "nmae");
  BOOST_TEST(run("dbc_find") == "2 rows of `prod.users` match (scan). None of the rows shown has the field `nmae`; did you mean `name`?");
  with("fields", "zebra, nmae, `x");
  BOOST_TEST(run("dbc_find").ends_with("None of the rows shown has the fields `zebra`, `nmae` and `` `x ``; did you mean `name`?"));
  with("fields", "zebra");
  BOOST_TEST(run("dbc_find").ends_with("None of the rows shown has the field `zebra`."));
}

BOOST_AUTO_TEST_CASE(nothing_is_said_of_fields_that_some_row_has) {
  finds({"{}", R"({"name":null,"address":{"city":"x"}})"});
  auto plain = "2 rows of `prod.users` match (scan).";
  BOOST_TEST(run("dbc_find") == plain);
  with("fields", "name, address.city, address");
  BOOST_TEST(run("dbc_find") == plain);
  finds({});
  with("fields", "nmae");
  BOOST_TEST(run("dbc_find") == "No row of `prod.users` matches (scan).");
}

BOOST_AUTO_TEST_CASE(a_sort_by_a_field_that_no_row_shown_has_says_so) {
  finds({R"({"id":"a","age":1})", R"({"id":"b"})"});
  with("sort", "age desc, id");
  BOOST_TEST(run("dbc_find") == "2 rows of `prod.users` match (scan).");
  with("sort", "-aeg, id");
  BOOST_TEST(run("dbc_find").ends_with("None of the rows shown has the field `aeg`; did you mean `age`?"));
}

BOOST_AUTO_TEST_CASE(a_sort_by_a_field_that_is_not_shown_is_looked_for_in_memory) {
  finds({R"({"id":"a"})", R"({"id":"b"})"});
  auto plain = "2 rows of `prod.users` match (scan).";
  with("fields", "id").with("sort", "-aeg, id");
  BOOST_TEST(run("dbc_find") == plain);  // no row is in memory, so nothing is known
  engine.some_rows = {R"({"id":"a","tags":[{"n":1}]})", R"({"id":"c","rare":1})"};
  BOOST_TEST(run("dbc_find") == std::string(plain) + " None of 2 rows looked at has the field `aeg`; did you mean `age`?");
  with("sort", "age:desc");
  BOOST_TEST(run("dbc_find").ends_with("None of 2 rows looked at has the field `age:desc`; did you mean `age desc`?"));
  for (auto known : {"age", "rare", "tags.n", "tags.0.n", "address desc"}) {
    BOOST_TEST_CONTEXT(known) BOOST_TEST(with("sort", known).run("dbc_find") == plain);
  }
  with("sort", "aeg").with("fields", "nmae");
  BOOST_TEST(run("dbc_find") == std::string(plain) + " None of the rows shown has the field `nmae`; did you mean `name`? None of 2 rows looked at has the field `aeg`; did you mean `age`?");
  with("as_of", "7");
  BOOST_TEST(!contains(run("dbc_find"), "looked at"));  // rows in memory are as they are now
}

BOOST_AUTO_TEST_CASE(a_plan_says_so_of_its_sort_too) {
  engine.find_answer->plan = "scan";
  engine.some_rows = {R"({"id":"a"})"};
  with("sort", "aeg").with("explain", true);
  BOOST_TEST(run("dbc_find") == "Plan of this find in `prod.users`: scan. The one row looked at has not the field `aeg`; did you mean `age`?");
  BOOST_TEST(!contains(with("count", true).run("dbc_find"), "looked at"));
}

BOOST_AUTO_TEST_CASE(a_sort_that_is_written_like_an_argument_is_told_how_it_is_written) {
  finds({R"({"id":"a","age":1})"});
  with("sort", "age:desc");
  BOOST_TEST(run("dbc_find").ends_with("None of the rows shown has the field `age:desc`; did you mean `age desc`?"));
  with("sort", "zebra:desc");
  BOOST_TEST(run("dbc_find").ends_with("None of the rows shown has the field `zebra:desc`."));
}

BOOST_AUTO_TEST_CASE(integers_that_are_shown_in_the_order_of_their_texts_are_told_of) {
  engine.table_answer->primary_key = "n";
  auto finds_keys = [&](std::vector<std::string> keys, std::string quote) {
    finds({});
    for (const auto& key : keys) engine.find_answer->rows.push_back(test::fake_engine::row(key, 1, "{\"n\":" + quote + key + quote + "}"));
    engine.find_answer->matched = keys.size();
    return run("dbc_find");
  };
  BOOST_TEST(finds_keys({"1", "10", "9"}, "") == "3 rows of `prod.users` match (scan). Keys are in the order of texts (10 before 9); `sort:n` orders them as numbers.");
  BOOST_TEST(finds_keys({"-1", "-2"}, "").ends_with("as numbers."));
  BOOST_TEST(finds_keys({"1", "2", "30"}, "") == "3 rows of `prod.users` match (scan).");
  BOOST_TEST(finds_keys({"1", "10", "9"}, "\"") == "3 rows of `prod.users` match (scan).");  // texts, which sort:n leaves so
  BOOST_TEST(finds_keys({"10", "9", "x"}, "") == "3 rows of `prod.users` match (scan).");
  with("sort", "m");
  BOOST_TEST(!contains(finds_keys({"10", "9"}, ""), "Keys are"));
}

BOOST_AUTO_TEST_CASE(an_index_on_a_field_that_no_row_has_says_so) {
  call.arguments.erase("where_json");
  with("field", "emial");
  engine.suggestions = {"id", "email"};
  database::table_summary summary;
  summary.name = "users";
  summary.indexes.push_back({"emial", false, 0});
  engine.table_answer = summary;
  BOOST_TEST(!contains(run("dbc_index_create"), "No row"));  // there is none
  summary.rows = 2;
  engine.table_answer = summary;
  BOOST_TEST(run("dbc_index_create").ends_with("\nNo row has the field `emial`; did you mean `email`?"));
  summary.indexes[0].state = "building";
  engine.table_answer = summary;
  BOOST_TEST(!contains(run("dbc_index_create"), "No row"));
  summary.indexes[0] = {"emial", false, 1};
  engine.table_answer = summary;
  BOOST_TEST(!contains(run("dbc_index_create"), "No row"));
}

BOOST_AUTO_TEST_SUITE_END()
