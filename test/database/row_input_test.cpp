// Rows as people send them.

#include "database/row_input.hpp"

#include <boost/test/unit_test.hpp>

#include "support/contains.hpp"

namespace dbcord::database {
using dbcord::test::contains;

namespace {

constexpr std::size_t cap = 1000;

std::string refusal(std::string key, std::string json) {
  auto checked = check_row({key, json}, "id", cap);
  return checked ? "accepted" : checked.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_input_suite)

BOOST_AUTO_TEST_CASE(the_key_comes_from_either_place) {
  BOOST_TEST(check_row({"", R"({"id":"u_1"})"}, "id", cap)->key == "u_1");
  BOOST_TEST(check_row({"", R"({"id":42.0,"a":1})"}, "id", cap)->key == "42");
  auto added = check_row({"u_1", R"({ "a": 1 })"}, "id", cap);
  BOOST_TEST(added->json == R"({"id":"u_1","a":1})");
}

BOOST_AUTO_TEST_CASE(bad_rows_get_one_clear_sentence) {
  BOOST_TEST(contains(refusal("k", "{\"a\":"), "value_json is not valid JSON"));
  BOOST_TEST(contains(refusal("k", "[1]"), "value_json must be a JSON object"));
  BOOST_TEST(contains(refusal("", "{}"), "the row has no key"));
  BOOST_TEST(check_row({"", "{}"}, "id", cap, row_source::file).error().message == "the row has no field \"id\", the primary key of the table");
  BOOST_TEST(contains(check_row({"a", R"({"id":"b"})"}, "id", cap, row_source::step).error().message, "in value is \"b\""));
  BOOST_TEST(contains(check_row({"", "[1]"}, "id", cap, row_source::file).error().message, "the row must be a JSON object"));
  BOOST_TEST(contains(refusal("u_1", R"({"id":"u_2"})"), "make them agree"));
  BOOST_TEST(contains(refusal("", R"({"id":1.5})"), "must be a string or an integer"));
  BOOST_TEST(contains(refusal("", R"({"id":""})"), "key is empty"));
  BOOST_TEST(contains(refusal("a\nb", "{}"), "control characters"));
  BOOST_TEST(contains(refusal("\xFF", "{}"), "UTF-8"));
  BOOST_TEST(contains(refusal(std::string(257, 'k'), "{}"), "at most 256"));
  BOOST_TEST(contains(refusal("k", "{\"a\":\"" + std::string(cap, 'x') + "\"}"), "at most 1000"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
