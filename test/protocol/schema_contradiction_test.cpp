// Schemas that can be read, and that no row could keep.

#include "protocol/schema_contradiction.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/column_change.hpp"

using namespace dbcord::protocol;

namespace {

std::string told_of(std::string_view properties, std::string_view key = "id") {
  auto schema = row_schema::parse("{\"properties\":" + std::string(properties) + "}");
  BOOST_TEST_REQUIRE(schema.has_value(), properties);  // what was stored once stays readable
  auto bad = contradiction_in(*schema);
  if (!bad) bad = contradiction_of_key(*schema, key);
  return bad.value_or("fine");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema_contradictions)

BOOST_AUTO_TEST_CASE(values_of_an_enum_must_keep_the_other_rules) {
  BOOST_TEST(told_of(R"({"y":{"type":"int","enum":[1,"b"]}})") == "the field y has \"b\" in its enum, which its own rules refuse: the field y must be of type int, not \"b\"");
  BOOST_TEST(told_of(R"({"y":{"type":"int","enum":[1,7],"max":5}})") == "the field y has 7 in its enum, which its own rules refuse: the field y must be at most 5, not 7");
  BOOST_TEST(told_of(R"({"y":{"type":"str","enum":["abc"],"max_length":2}})").starts_with("the field y has \"abc\" in its enum"));
  BOOST_TEST(told_of(R"({"y":{"type":"str","enum":["a",null]}})").starts_with("the field y has null in its enum"));
  for (auto good : {R"({"y":{"type":"str","enum":["a",null],"nullable":true}})", R"({"y":{"enum":["a",1,null]}})", R"({"y":{"type":"int","enum":[1,2.0],"max":5}})"})
    BOOST_TEST(told_of(good) == "fine", good);
}

BOOST_AUTO_TEST_CASE(an_int_lies_between_the_bounds_of_an_int) {
  BOOST_TEST(told_of(R"({"y":{"type":"int","min":0.2,"max":0.8}})") == "the field y is of type int, and no int lies between its min 0.2 and its max 0.8");
  for (auto bad : {R"({"y":{"type":"int","min":-0.8,"max":-2e-1}})", R"({"y":{"type":"int","min":7.0000000000000000001,"max":7.9999999999999999999}})",
                   R"({"y":{"type":"int","min":1234.5e-2,"max":12.5,"nullable":true}})", R"({"y":{"type":"int","min":0.1,"max":0.9999999999999999999999}})"})
    BOOST_TEST(told_of(bad).starts_with("the field y is of type int, and no int lies between"), bad << told_of(bad));
  for (auto good : {R"({"y":{"type":"float","min":0.2,"max":0.8}})", R"({"y":{"min":0.2,"max":0.8}})", R"({"y":{"type":"int","min":0.2}})", R"({"y":{"type":"int","min":0.2,"max":1}})",
                    R"({"y":{"type":"int","min":-0.2,"max":0.2}})", R"({"y":{"type":"int","min":3,"max":3.0}})", R"({"y":{"type":"int","min":2.99999999999999999999,"max":3.5}})",
                    R"({"y":{"type":"int","min":-7.5,"max":-7}})", R"({"y":{"type":"int","min":1e300,"max":1e301}})", R"({"y":{"type":"int","min":1e-400,"max":1}})",
                    R"({"y":{"type":"int","min":-1e999,"max":0.5}})"})
    BOOST_TEST(told_of(good) == "fine", good << told_of(good));
}

BOOST_AUTO_TEST_CASE(bounds_and_lengths_belong_to_types_that_have_them) {
  BOOST_TEST(told_of(R"({"y":{"type":"int","max_length":3}})") == "the field y has max_length, which is for str and list, not for int");
  BOOST_TEST(told_of(R"({"y":{"type":"dict","max_length":3}})") == "the field y has max_length, which is for str and list, not for dict");
  BOOST_TEST(told_of(R"({"y":{"type":"str","min":3}})") == "the field y has min, which is for int and float, not for str");
  BOOST_TEST(told_of(R"({"y":{"type":"bool","max":3}})") == "the field y has max, which is for int and float, not for bool");
  for (auto good : {R"({"y":{"type":"list","max_length":3}})", R"({"y":{"max_length":3,"min":1}})", R"({"y":{"type":"float","min":0.5,"max":0.5}})"})
    BOOST_TEST(told_of(good) == "fine", good);
}

BOOST_AUTO_TEST_CASE(only_fields_that_can_hold_others_do) {
  BOOST_TEST(told_of(R"({"y":"str","y.z":"int"})") == "the field y is of type str, so it cannot hold the field y.z");
  BOOST_TEST(told_of(R"({"y":{"type":"int","properties":{"z":"int"}}})") == "the field y is of type int, so it cannot hold the field y.z");
  BOOST_TEST(told_of(R"({"a":{"properties":{"b":"bool"}},"a.b.c.d":"int"})") == "the field a.b is of type bool, so it cannot hold the field a.b.c.d");
  for (auto good : {R"({"y":"dict","y.z":"int"})", R"({"y":"list","y.z":"int"})", R"({"y":"any","y.z":"int"})", R"({"y":"str","yz":"int","y-z":"str"})"})
    BOOST_TEST(told_of(good) == "fine", good);
}

BOOST_AUTO_TEST_CASE(paths_have_names_between_their_dots) {
  for (auto path : {"a..b", ".a", "a.", "."}) {
    auto told = told_of("{\"" + std::string(path) + "\":\"int\"}");
    BOOST_TEST(told == "\"" + std::string(path) + "\" is no field: a path like address.city has a name on each side of a dot");
  }
  auto required = row_schema::parse(R"({"required":["a..b"]})");
  BOOST_TEST(contradiction_in(*required).has_value());
}

BOOST_AUTO_TEST_CASE(the_primary_key_is_a_text_or_an_integer) {
  BOOST_TEST(told_of(R"({"id":"bool"})") == "the field id is the primary key, so it must be of type str or int, not bool");
  BOOST_TEST(told_of(R"({"id":"list"})") == "the field id is the primary key, so it must be of type str or int, not list");
  BOOST_TEST(told_of(R"({"id.x":"int"})") == "the field id is the primary key, so it cannot hold the field id.x");
  for (auto good : {R"({"id":"str"})", R"({"id":"int"})", R"({"id":"any","idx":"bool"})"}) BOOST_TEST(told_of(good) == "fine", good);
}

BOOST_AUTO_TEST_CASE(no_alteration_makes_a_schema_contradict_itself) {
  auto schema = row_schema::parse(R"({"properties":{"y":"str","z":"int"}})");
  BOOST_TEST(column_change::rename("z", "y.z")->apply_to(*schema).error().message == "the field y is of type str, so it cannot hold the field y.z");
  BOOST_TEST(column_change::add("n", R"({"type":"int","max_length":2})")->apply_to(*schema).error().message.starts_with("the field n has max_length"));
  BOOST_TEST(column_change::rename("z", "z").error().message == "the field is called z already; give another name");
}

BOOST_AUTO_TEST_SUITE_END()
