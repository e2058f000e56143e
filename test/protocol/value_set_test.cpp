// Whether a value is one of several is the same however it is found out.

#include "protocol/value_set.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/canonical_value.hpp"
#include "protocol/predicate.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {
namespace {

std::vector<json_node> some_values() {
  auto all = parse_json(R"([null,true,false,0,-0,0.0,1,1.0,1e0,10e-1,-1,12,1.2e1,0.12,100,1e2,999999999999999999,1000000000000000000,1e18,1e17,100000000000000000,-999999999999999999,
    12345678901234567890,1234567890123456789e1,0.5,5e-1,"","1","true","null","a","ä",[],[1],[1.0],[[1]],[1,2],{},{"a":1,"b":2},{"b":2.0,"a":1e0},{"a":null}])");
  BOOST_REQUIRE(all.has_value());
  return all->items;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(value_sets)

BOOST_AUTO_TEST_CASE(a_value_is_one_of_them_exactly_if_its_canonical_text_is) {
  auto values = some_values();
  for (std::size_t step = 1; step < 6; ++step) {
    std::vector<json_node> chosen;
    for (std::size_t i = 0; i < values.size(); i += step) chosen.push_back(values[i]);
    value_set set(chosen);
    for (const auto& value : values) {
      bool is_one = std::any_of(chosen.begin(), chosen.end(), [&](const json_node& c) { return canonical(c) == canonical(value); });
      BOOST_TEST(set.contains(value) == is_one, to_json(value));
    }
  }
  BOOST_TEST(!value_set().contains(values[0]));
}

BOOST_AUTO_TEST_CASE(values_compare_equal_exactly_if_their_canonical_texts_are) {
  auto values = some_values();
  for (const auto& a : values) {
    for (const auto& b : values) {
      BOOST_TEST((compare_values(a, b) == 0) == (canonical(a) == canonical(b)), to_json(a) + " " + to_json(b));
      BOOST_TEST((compare_values(a, b) < 0) == (compare_values(b, a) > 0), to_json(a) + " " + to_json(b));
    }
  }
}

BOOST_AUTO_TEST_CASE(branches_that_want_one_field_to_equal_something_are_one_condition) {
  auto parsed = predicate::parse(R"({"$or":[{"l":1},{"m":2},{"l":{"$in":[3,4]}},{"l":null},{"l":{"$gt":7}}]})");
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->conditions() == 3u);
  for (auto row : {R"({"l":1})", R"({"l":[9,[],3]})", R"({"l":4.0})", R"({"m":2,"l":6})", "{}", R"({"l":null})", R"({"l":8})"}) BOOST_TEST(parsed->matches(row), row);
  for (auto row : {R"({"l":2})", R"({"l":[5]})", R"({"l":"1"})", R"({"m":3,"l":0})"}) BOOST_TEST(!parsed->matches(row), row);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::protocol
