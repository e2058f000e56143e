// What a find that matches nothing says of its conditions: a field that nobody has, a value of another type, an operator without its $.
#include "commands/handlers_fixture.hpp"
#include "commands/where_hints.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

table_sketch people() {
  table_sketch sketch;
  for (auto json : {R"({"id":"u_1","name":"Ann","age":30,"tags":["a","b"],"address":{"city":"Ulm"},"ok":true})",
                    R"({"id":"u_2","name":"Bob","age":null,"items":[{"price":2}]})"}) {
    sketch.rows.push_back(*protocol::parse_json(json));
  }
  sketch.rows_there = sketch.rows.size();
  return sketch;
}

std::string hints(std::string where, const table_sketch& sketch) { return where_hints(*protocol::predicate::parse(where), sketch); }
std::string hints(std::string where) { return hints(std::move(where), people()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(where_hints_suite)

BOOST_AUTO_TEST_CASE(a_field_that_no_row_has_is_named_with_the_one_that_was_meant) {
  BOOST_TEST(hints(R"({"nmae":"Ann"})") == "No row has the field `nmae`; did you mean `name`?");
  BOOST_TEST(hints(R"({"adress.city":"Ulm"})") == "No row has the field `adress.city`; did you mean `address.city`?");
  BOOST_TEST(hints(R"({"city":"Ulm"})") == "No row has the field `city`; did you mean `address.city`?");
  BOOST_TEST(hints(R"({"$or":[{"zebra":1},{"aeg":2},{"zebra":3}],"name":"Ann"})") == "No row has the fields `zebra` and `aeg`; did you mean `age`?");
  auto more = people();
  more.rows_there = 70;
  BOOST_TEST(hints(R"({"zebra":1})", more) == "None of 2 rows looked at has the field `zebra`.");
}

BOOST_AUTO_TEST_CASE(nothing_is_said_of_fields_that_are_there_or_need_not_be) {
  for (auto where : {R"({"name":"Eve"})", R"({"items.price":7})", R"({"tags.0":"z"})", R"({"address":{"city":"Bonn"}})", R"({"zebra":null})", R"({"zebra":{"$exists":false}})",
                     R"({"zebra":{"$in":[1,null]}})", R"({"zebra":{"$ne":1}})", R"({"$nor":[{"zebra":1}]})", "{}"}) {
    BOOST_TEST(hints(where) == "", where);
  }
  auto sketch = people();
  sketch.schema = *protocol::row_schema::parse(R"({"properties":{"email":"str","o":{"type":"dict","properties":{"n":"int"}}}})");
  sketch.indexed = {"rare"};
  for (auto where : {R"({"email":"x"})", R"({"o.n":1})", R"({"o":{}})", R"({"rare":1})"}) BOOST_TEST(hints(where, sketch) == "", where);
  sketch.rows_there = 0;
  BOOST_TEST(hints(R"({"zebra":1})", sketch) == "");  // of no row nothing is known
  sketch.rows_there = 5;
  sketch.rows.clear();  // none of them in memory
  BOOST_TEST(hints(R"({"zebra":1})", sketch) == "");
  BOOST_TEST(hints(R"({"email":1})", sketch) == "`email` holds texts, but the condition has the number `1`; write `\"1\"`.");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_than_the_fields_is_named) {
  BOOST_TEST(hints(R"({"age":"30"})") == "`age` holds numbers, but the condition has the text `\"30\"`; write `30`.");
  BOOST_TEST(hints(R"({"age":{"$gt":"old"}})") == "`age` holds numbers, but the condition has the text `\"old\"`.");
  BOOST_TEST(hints(R"({"name":{"$in":[1,2]}})") == "`name` holds texts, but the condition has the number `1`; write `\"1\"`.");
  BOOST_TEST(hints(R"({"ok":"true"})") == "`ok` holds true or false, but the condition has the text `\"true\"`; write `true`.");
  BOOST_TEST(hints(R"({"tags":3})") == "`tags` holds lists of texts, but the condition has the number `3`; write `\"3\"`.");
  BOOST_TEST(hints(R"({"age":{"$contains":"3"}})") == "`age` holds numbers, but the condition has the text `\"3\"`; write `3`.");
  BOOST_TEST(hints(R"({"age":{"$prefix":"3"}})") == "`age` holds numbers, but the condition has the text `\"3\"`; write `3`.");
  for (auto where : {R"({"tags":"z"})", R"({"tags":["z"]})", R"({"name":{"$contains":"z"}})", R"({"address":{"$contains":"z"}})", R"({"tags":{"$contains":3}})",
                     R"({"name":{"$in":[1,"z"]}})", R"({"name":{"$ne":1}})", R"({"age":{"$gt":99}})"}) {
    BOOST_TEST(hints(where) == "", where);
  }
}

BOOST_AUTO_TEST_CASE(an_operator_without_its_dollar_is_told_of) {
  BOOST_TEST(hints(R"({"age":{"gt":3,"lt":9}})") == "`age` is compared with `{\"gt\":3,\"lt\":9}` as a whole; an operator begins with $: `\"age\": {\"$gt\":3,\"$lt\":9}`.");
  BOOST_TEST(hints(R"({"age":{">=":3}})") == "`age` is compared with `{\">=\":3}` as a whole; an operator begins with $: `\"age\": {\"$gte\":3}`.");
  BOOST_TEST(hints(R"({"or":[{"age":1},{"name":"x"}]})") == "`or` is looked for as a field; the operator is `$or`.");
  auto sketch = people();
  sketch.rows.push_back(*protocol::parse_json(R"({"id":"u_3","range":{"lt":4}})"));
  sketch.rows_there = 3;
  BOOST_TEST(hints(R"({"range":{"lt":5}})", sketch) == "");
}

BOOST_FIXTURE_TEST_CASE(a_find_or_an_export_that_matches_nothing_says_so_and_asks_discord_for_nothing, handlers_fixture) {
  in_users().with("where_json", R"({"nmae":"Ann"})");
  engine.some_rows = {R"({"id":"u_1","name":"Ann"})"};
  engine.table_answer->rows = 1;
  engine.find_answer->plan = "scan";
  BOOST_TEST(run("dbc_find") == "No row of `prod.users` matches (scan). No row has the field `nmae`; did you mean `name`?");
  BOOST_TEST((engine.calls == std::vector<std::string>{R"(find prod users {"nmae":"Ann"})", "inspect_table prod users", "suggest prod users 3 "}));
  engine.find_answer->matched = 1;  // behind skip
  BOOST_TEST(run("dbc_export") == "No row of `prod.users` is to be exported.");
  engine.find_answer->matched = 0;
  BOOST_TEST(run("dbc_export") == "No row of `prod.users` is to be exported. No row has the field `nmae`; did you mean `name`?");
  BOOST_TEST(with("explain", true).run("dbc_find") == "Plan of this find in `prod.users`: scan.");
}

BOOST_AUTO_TEST_SUITE_END()
