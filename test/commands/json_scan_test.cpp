#include "commands/json_scan.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "dbcord/base/random.hpp"
#include "protocol/json_node.hpp"

using namespace dbcord::commands;

namespace {
std::string complaint(std::string_view text) {
  auto scan = scan_document(text);
  return scan.good() ? "good" : describe(text, scan);
}
}  // namespace

BOOST_AUTO_TEST_SUITE(json_scanning)

static_assert(max_json_depth == dbcord::protocol::max_json_depth);

BOOST_AUTO_TEST_CASE(a_value_ends_where_it_ends) {
  std::string_view text = "  {\"a\":[1,-2.5e+3,\"}\"]} tail";
  auto scan = scan_value(text, 0);
  BOOST_TEST(scan.good());
  BOOST_TEST(text.substr(scan.end) == " tail");
}

BOOST_AUTO_TEST_CASE(slips_of_people_are_named_with_their_place) {
  BOOST_TEST(complaint("{\"a\":1,}") == "at character 8: expected a field name in double quotes, found `}`; remove the `,` before it");
  BOOST_TEST(complaint("{'a':1}") == "at character 2: expected a field name in double quotes, found `'`; JSON wants straight double quotes (\")");
  BOOST_TEST(complaint("{“a”:1}") == "at character 2: expected a field name in double quotes, found `“`; JSON wants straight double quotes (\")");
  BOOST_TEST(complaint("{a:1}") == "at character 2: expected a field name in double quotes, found `a`, like {\"name\": \"value\"}");
  BOOST_TEST(complaint("{\"a\":True}") == "at character 6: expected a value, found `T`; JSON writes true, false and null");
  BOOST_TEST(complaint("{\"a\" 1}") == "at character 6: expected `:` after the field name, found `1`");
  BOOST_TEST(complaint("{\"a\":1 \"b\":2}") == "at character 8: expected `,` or `}` after a value, found `\"`");
  BOOST_TEST(complaint("[1 2]") == "at character 4: expected `,` or `]` after a value, found `2`");
  BOOST_TEST(complaint("{\"a\":\"x") == "at character 8: expected `\"` at the end of the text, but the text ends there");
  BOOST_TEST(complaint("{\"a\":1") == "at character 7: expected `,` or `}` after a value, but the text ends there");
  BOOST_TEST(complaint("{\"a\":01}") == "at character 7: expected no digit after a leading 0, found `1`");
  BOOST_TEST(complaint("{\"a\":1} x") == "at character 9: expected nothing after the value, found `x`");
  BOOST_TEST(complaint("") == "at character 1: expected a value, but the text ends there");
}

BOOST_AUTO_TEST_CASE(places_count_characters_and_lines_as_people_do) {
  BOOST_TEST(complaint("{\"é€😀\":x}") == "at character 8: expected a value, found `x`");
  BOOST_TEST(complaint("{\n  \"a\": 1,\n  b: 2\n}").starts_with("at line 3, character 3: "));
}

BOOST_AUTO_TEST_CASE(too_deep_nesting_is_refused_not_followed) {
  std::string deep(max_json_depth, '[');
  BOOST_TEST(scan_document(deep + std::string(max_json_depth, ']')).good());
  BOOST_TEST(complaint("[" + deep + std::string(100'000, '[')).find("at most 64 levels") != std::string::npos);
}

// Agreement with a parser that others wrote: what it takes, this takes, and the other way round.
BOOST_AUTO_TEST_CASE(agrees_with_boost_json_on_random_texts) {
  dbcord::base::seeded_random random(11);
  const std::vector<std::string> pieces = {"{", "}", "[", "]", ":", ",", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ude00\"",
                                           "\"\xC3\xA9\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\xAF\"", "1", "-0", "01", "1.5e-3", "1.", "-", "true", "nul",
                                           "null", " ", "\n", "\"\t\"", "\"\\x\"", "\"\\/\"", "\""};
  int good = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto n = random.below(6) + 1; n > 0; --n) text += pieces[random.below(pieces.size())];
    boost::system::error_code ec;
    boost::json::parse(text, ec);
    good += !ec;
    BOOST_TEST_CONTEXT(text) BOOST_REQUIRE_EQUAL(scan_document(text).good(), !ec);
  }
  BOOST_TEST(good > 1'000);
}

BOOST_AUTO_TEST_CASE(whatever_it_calls_good_the_engines_parser_takes) {
  for (auto text : {"{\"a\":1e400}", "{\"a\":-0.0}", "{\"a\":123456789012345678901234567890}", "{\"\\u0000\":\"\\u0001\"}", "[]", "\"\""})
    BOOST_TEST(scan_document(text).good() == dbcord::protocol::parse_json(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
