// The query language: what each operator means, and what is said of a query that makes no sense.

#include "protocol/predicate.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/field_path.hpp"
#include "protocol/value_order.hpp"

using namespace dbcord::protocol;

namespace {

bool matches(std::string_view where, std::string_view row) {
  auto parsed = predicate::parse(where);
  BOOST_TEST_REQUIRE(parsed.has_value(), where << ": " << (parsed ? "" : parsed.error().message));
  auto node = parse_json(row);
  BOOST_TEST_REQUIRE(node.has_value(), row);
  bool by_tree = parsed->matches(*node);
  BOOST_TEST(parsed->matches(to_json(*node)) == by_tree, "text and tree disagree: " << where << " " << row);
  return by_tree;
}

struct example {
  const char* where;
  const char* row;
  bool expected;
};

void check(std::initializer_list<example> examples) {
  for (auto& e : examples) BOOST_TEST(matches(e.where, e.row) == e.expected, e.where << " on " << e.row);
}

std::string refusal(std::string_view where) {
  auto parsed = predicate::parse(where);
  return parsed ? "" : parsed.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(predicates)

BOOST_AUTO_TEST_CASE(equality_is_of_values_not_of_texts) {
  check({{"{}", R"({"a":1})", true},
         {R"({"a":1})", R"({"a":1.0})", true},
         {R"({"a":{"$eq":10}})", R"({"a":1e1})", true},
         {R"({"a":1})", R"({"a":"1"})", false},
         {R"({"a":9007199254740993})", R"({"a":9007199254740992})", false},
         {R"({"a":"grüße"})", R"({"a":"gr\u00fc\u00dfe"})", true},
         {R"({"a":{"x":1,"y":2}})", R"({"a":{"y":2,"x":1}})", true},
         {R"({"a":{"x":1}})", R"({"a":{"x":1,"y":2}})", false},
         {R"({"a":1,"b":2})", R"({"a":1,"b":3})", false},
         {R"({"a":true})", R"({"a":true})", true}});
}

BOOST_AUTO_TEST_CASE(a_name_may_be_empty) {
  check({{R"({"":1})", R"({"":1})", true},
         {R"({"":1})", R"({"a":1})", false},
         {R"({"":{"$exists":false}})", R"({"a":1})", true},
         {R"({"":1})", R"({"a":{"":1}})", false},
         {R"({"a.":1})", R"({"a":{"":1}})", true},
         {R"({"":{"x":1}})", R"({"":{"x":1}})", true},
         {R"({".x":1})", R"({"":{"x":1}})", true}});
}

BOOST_AUTO_TEST_CASE(null_is_a_missing_field) {
  check({{R"({"a":null})", R"({"b":1})", true},
         {R"({"a":null})", R"({"a":null})", true},
         {R"({"a":null})", R"({"a":0})", false},
         {R"({"a":{"$in":[1,null]}})", R"({})", true},
         {R"({"a":{"$ne":null}})", R"({})", false},
         {R"({"a":{"$exists":true}})", R"({"a":null})", true},
         {R"({"a":{"$exists":false}})", R"({"a":null})", false},
         {R"({"a.b":{"$exists":false}})", R"({"a":1})", true}});
}

BOOST_AUTO_TEST_CASE(ranges_compare_like_with_like) {
  check({{R"({"a":{"$gt":1,"$lt":3}})", R"({"a":2})", true},
         {R"({"a":{"$gt":2}})", R"({"a":2.0})", false},
         {R"({"a":{"$gte":2}})", R"({"a":2.0})", true},
         {R"({"a":{"$lt":-1}})", R"({"a":-1.5})", true},
         {R"({"a":{"$lte":100}})", R"({"a":99.999e0})", true},
         {R"({"a":{"$gt":18446744073709551615}})", R"({"a":18446744073709551616})", true},
         {R"({"a":{"$gt":"b"}})", R"({"a":"ba"})", true},
         {R"({"a":{"$lt":"z"}})", R"({"a":5})", false},
         {R"({"a":{"$gt":0}})", R"({"a":"1"})", false},
         {R"({"a":{"$gt":0}})", R"({})", false},
         {R"({"a":{"$gt":false}})", R"({"a":true})", true}});
}

BOOST_AUTO_TEST_CASE(lists_negations_and_junctions) {
  check({{R"({"a":{"$in":[1,"x"]}})", R"({"a":"x"})", true},
         {R"({"a":{"$in":[]}})", R"({"a":1})", false},
         {R"({"a":{"$nin":[1,2]}})", R"({"a":3})", true},
         {R"({"a":{"$nin":[1,2]}})", R"({})", true},
         {R"({"a":{"$ne":1}})", R"({"a":1.0})", false},
         {R"({"a":{"$not":{"$gt":5}}})", R"({"a":"text"})", true},
         {R"({"$or":[{"a":1},{"b":1}]})", R"({"b":1})", true},
         {R"({"$or":[{"a":1},{"b":1}]})", R"({"c":1})", false},
         {R"({"$and":[{"a":1},{"$not":{"b":1}}]})", R"({"a":1,"b":2})", true},
         {R"({"$nor":[{"a":1},{"b":1}]})", R"({"a":2})", true},
         {R"({"$nor":[{"a":1}]})", R"({"a":1})", false},
         {R"({"x":1,"$or":[{"a":1},{"b":1}]})", R"({"x":2,"a":1})", false}});
}

BOOST_AUTO_TEST_CASE(contains_and_prefix) {
  check({{R"({"a":{"$contains":"ell"}})", R"({"a":"hello"})", true},
         {R"({"a":{"$contains":"l\"l"}})", R"({"a":"hel\"lo"})", true},
         {R"({"a":{"$contains":"red"}})", R"({"a":["red","green"]})", true},
         {R"({"a":{"$contains":"re"}})", R"({"a":["red","green"]})", false},
         {R"({"a":{"$contains":2}})", R"({"a":[1,2.0]})", true},
         {R"({"a":{"$contains":"k"}})", R"({"a":{"k":null}})", true},
         {R"({"a":{"$contains":"1"}})", R"({"a":1})", false},
         {R"({"a":{"$prefix":"he"}})", R"({"a":"hello"})", true},
         {R"({"a":{"$prefix":""}})", R"({"a":""})", true},
         {R"({"a":{"$prefix":"e"}})", R"({"a":"hello"})", false},
         {R"({"a":{"$prefix":"1"}})", R"({"a":12})", false}});
}

BOOST_AUTO_TEST_CASE(paths_go_through_objects_and_arrays) {
  check({{R"({"a.b.c":1})", R"({"a":{"b":{"c":1}}})", true},
         {R"({"a.b":1})", R"({"a.b":1})", true},
         {R"({"tags":"x"})", R"({"tags":["x","y"]})", true},
         {R"({"tags":["x","y"]})", R"({"tags":["x","y"]})", true},
         {R"({"tags":{"$ne":"x"}})", R"({"tags":["x","y"]})", false},
         {R"({"items.price":{"$gt":10}})", R"({"items":[{"price":5},{"price":15}]})", true},
         {R"({"items.1.price":5})", R"({"items":[{"price":5},{"price":15}]})", false},
         {R"({"items.0":7})", R"({"items":[7]})", true},
         {R"({"n":{"$gt":5}})", R"({"n":[1,9]})", true}});
}

BOOST_AUTO_TEST_CASE(nested_arrays_do_not_take_exponential_time) {
  std::string row = "1", path = "x";
  for (int i = 0; i < 15; ++i) {
    row = "[{\"0\":" + row + "}]";
    path += ".0";
  }
  BOOST_TEST(!matches("{\"" + path + "\":5}", "{\"x\":" + row + "}"));
  BOOST_TEST(matches(R"({"a.0":5})", R"({"a":[{"0":5}]})"));
  BOOST_TEST(refusal("{\"" + path + ".z\":5}").find("may have 16 parts") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_query_that_makes_no_sense_is_told_why) {
  BOOST_TEST(refusal("[").starts_with("not valid JSON"));
  BOOST_TEST(refusal("[]").find("must be a JSON object") != std::string::npos);
  BOOST_TEST(refusal(R"({"a":{"$regex":"x"}})").find("$regex") != std::string::npos);
  BOOST_TEST(refusal(R"({"$where":"x"})").find("$where") != std::string::npos);
  BOOST_TEST(refusal(R"({"a":{"$in":1}})") == "$in of the field a needs a list like [1, 2]");
  BOOST_TEST(refusal(R"({"a":{"$nin":{}}})") == "$nin of the field a needs a list like [1, 2]");
  BOOST_TEST(refusal(R"({"a":{"$gt":null}})") == "$gt of the field a needs a number, a text, true or false");
  BOOST_TEST(refusal(R"({"a":{"$exists":1}})") == "$exists of the field a needs true or false");
  BOOST_TEST(refusal(R"({"a":{"$prefix":1}})") == "$prefix of the field a needs a text");
  BOOST_TEST(refusal(R"({"a":{"$gt":1,"b":2}})").find("mixes operators") != std::string::npos);
  BOOST_TEST(refusal(R"({"a":{"$not":5}})").find("$not of the field a") != std::string::npos);
  BOOST_TEST(refusal(R"({"$or":[]})").find("$or needs a list") != std::string::npos);
  BOOST_TEST(refusal(R"({"$and":[1]})").find("must be a JSON object") != std::string::npos);
  std::string many = R"({"$or":[{"a":0})";
  for (int i = 1; i <= 1000; ++i) many += R"(,{"a":)" + std::to_string(i) + "}";
  BOOST_TEST(refusal(many + "]}") == "a query may have 1000 conditions");
}

BOOST_AUTO_TEST_CASE(what_every_match_fulfils_is_known_to_planners) {
  auto p = predicate::parse(R"({"a":1,"b":{"$gt":2,"$lt":9},"$or":[{"c":1},{"d":1}],"$and":[{"e":5}],"f":{"$ne":1}})");
  std::string paths;
  for (auto* c : p->demanded()) paths += c->path;
  BOOST_TEST(paths == "abbe");
}

BOOST_AUTO_TEST_CASE(values_of_all_types_have_one_order) {
  std::vector<const char*> rising{"null", "-1e400", "-10", "-1.5", "-1", "0", "1e-400", "0.1", "1", "1.01", "9", "10", "123456789012345678901",
                                  "1e30",  R"("")",  R"("a")", R"("ab")", R"("b")", R"("ü")", R"("😀")", "{}", R"({"a":1})", R"({"a":2})", R"({"b":0})",
                                  "[]", "[1]", "[1,2]", "[2]", "false", "true"};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t k = 0; k < rising.size(); ++k) {
      auto order = compare_values(*parse_json(rising[i]), *parse_json(rising[k]));
      BOOST_TEST((order == (i <=> k)), rising[i] << " and " << rising[k]);
    }
  }
  BOOST_TEST((compare_values(*parse_json(R"({"a":1,"b":2})"), *parse_json(R"({"b":2.0,"a":1e0})")) == 0));
}

BOOST_AUTO_TEST_CASE(a_repeated_name_keeps_its_first_place_and_its_last_value) {
  auto node = parse_json(R"({"a":1,"b":2,"a":3,"c":4,"b":5,"a":6})");
  BOOST_TEST(to_json(*node) == R"({"a":6,"b":5,"c":4})");
}

BOOST_AUTO_TEST_SUITE_END()
