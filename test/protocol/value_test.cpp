// Merge patch, canonical values, names.
#include <boost/test/unit_test.hpp>

#include "protocol/canonical_value.hpp"
#include "protocol/merge_patch.hpp"
#include "protocol/names.hpp"

using namespace dbcord::protocol;

namespace {

std::string patched(std::string target, std::string patch) {
  auto node = *parse_json(target);
  apply_merge_patch(node, *parse_json(patch));
  return to_json(node);
}

bool same(std::string a, std::string b) { return canonical(*parse_json(a)) == canonical(*parse_json(b)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(value_suite)

// The examples of RFC 7396, appendix A.
BOOST_AUTO_TEST_CASE(merge_patch_follows_the_rfc) {
  BOOST_TEST(patched(R"({"a":"b"})", R"({"a":"c"})") == R"({"a":"c"})");
  BOOST_TEST(patched(R"({"a":"b"})", R"({"b":"c"})") == R"({"a":"b","b":"c"})");
  BOOST_TEST(patched(R"({"a":"b","b":"c"})", R"({"a":null})") == R"({"b":"c"})");
  BOOST_TEST(patched(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})") == R"({"a":{"b":"d"}})");
  BOOST_TEST(patched(R"({"a":[{"b":"c"}]})", R"({"a":[1]})") == R"({"a":[1]})");
  BOOST_TEST(patched(R"({"e":null})", R"({"a":1})") == R"({"e":null,"a":1})");
  BOOST_TEST(patched(R"({})", R"({"a":{"bb":{"ccc":null}}})") == R"({"a":{"bb":{}}})");
  BOOST_TEST(patched(R"([1,2])", R"({"a":"b","c":null})") == R"({"a":"b"})");
}

BOOST_AUTO_TEST_CASE(a_dotted_name_in_a_patch_is_no_path) {
  auto misplaced = [](std::string_view target, std::string_view patch) { return misplaced_path(*parse_json(target), *parse_json(patch)).value_or("well"); };
  BOOST_TEST(misplaced(R"({"a":{"b":1}})", R"({"a.b":2})") == R"(a.b would be a field beside a, not one in it; write {"a": {"b": …}})");
  BOOST_TEST(misplaced(R"({"a":{"b":1}})", R"({"a.b":null})").starts_with("a.b would be"));
  BOOST_TEST(misplaced(R"({"x":{"a":{}}})", R"({"x":{"a.b.c":2}})") == R"(a.b.c would be a field beside a, not one in it; write {"a": {"b": {"c": …}}})");
  BOOST_TEST(misplaced(R"({"a":{"b":1},"a.b":1})", R"({"a.b":2})") == "well");
  BOOST_TEST(misplaced(R"({"a":1})", R"({"a.b":2})") == "well");
  BOOST_TEST(misplaced(R"({})", R"({"a.b":2})") == "well");
}

BOOST_AUTO_TEST_CASE(equal_values_have_equal_canonical_texts) {
  for (auto [a, b] : {std::pair{"1", "1.0"}, {"1", "10e-1"}, {"-0", "0"}, {"0.10", "1e-1"}, {"1e2", "100"},
                      {"18446744073709551615", "18446744073709551615.0"}, {R"({"a":1,"b":2})", R"({"b":2.0,"a":1})"},
                      {R"("\u0061")", R"("a")"}}) {
    BOOST_TEST(same(a, b), a << " and " << b);
  }
}

BOOST_AUTO_TEST_CASE(different_values_have_different_canonical_texts) {
  for (auto [a, b] : {std::pair{"1", "\"1\""}, {"1", "-1"}, {"18446744073709551615", "18446744073709551616"}, {"0.1", "0.10000000000000001"},
                      {"[1,2]", "[2,1]"}, {"true", "\"true\""}, {"null", "\"null\""}, {"[1]", "[[1]]"}, {"\"1e0\"", "1"}}) {
    BOOST_TEST(!same(a, b), a << " and " << b);
  }
}

BOOST_AUTO_TEST_CASE(keys_are_strings_or_integers) {
  BOOST_TEST(*key_text(*parse_json("\"u_1\"")) == "u_1");
  BOOST_TEST(*key_text(*parse_json("42")) == "42");
  BOOST_TEST(*key_text(*parse_json("4.2e1")) == "42");
  BOOST_TEST(*key_text(*parse_json("-0.0")) == "0");
  for (auto bad : {"1.5", "true", "null", "{}", "[]", "1e100"}) BOOST_TEST(!key_text(*parse_json(bad)).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(names_are_checked) {
  for (auto good : {"a", "users", "a-b_c", "0", "abcdefghijklmnopqrstuvwxyz012345"}) BOOST_TEST(is_usable_name(good), good);
  for (auto bad : {"", "-a", "a-", "a--b", "a_-b", "A", "a b", "ä", "abcdefghijklmnopqrstuvwxyz0123456", "a/b"}) {
    BOOST_TEST(!is_usable_name(bad), bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
