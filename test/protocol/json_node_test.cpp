#include "protocol/json_node.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/ascii_json.hpp"

using namespace dbcord::protocol;

BOOST_AUTO_TEST_SUITE(json_node_suite)

BOOST_AUTO_TEST_CASE(the_text_of_numbers_is_kept) {
  std::string text = R"({"a":1.10,"b":-0,"c":123456789012345678901234567890,"d":1e5,"e":[0.1,2]})";
  BOOST_TEST(to_json(*parse_json(text)) == text);
}

BOOST_AUTO_TEST_CASE(white_space_goes_and_escapes_become_utf8) {
  BOOST_TEST(to_json(*parse_json("{ \"a\" : \"\\u00e9\\ud83d\\ude00\\n\" }")) == "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\\n\"}");
}

BOOST_AUTO_TEST_CASE(a_repeated_name_keeps_its_last_value) {
  BOOST_TEST(to_json(*parse_json(R"({"a":1,"b":2,"a":3})")) == R"({"a":3,"b":2})");
}

BOOST_AUTO_TEST_CASE(malformed_json_is_refused_with_the_position) {
  for (std::string bad : {"", "{", "{\"a\":}", "[1,]", "nul", "{} x", "\"\xFF\"", "\"\\ud800\"", "01"}) {
    auto parsed = parse_json(bad);
    BOOST_TEST(!parsed.has_value(), "accepted: " << bad);
    if (!parsed) BOOST_TEST(parsed.error().message.find("position") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(too_deep_nesting_is_refused) {
  BOOST_TEST(parse_json(std::string(60, '[') + std::string(60, ']')).has_value());
  BOOST_TEST(!parse_json(std::string(5000, '[') + std::string(5000, ']')).has_value());
}

BOOST_AUTO_TEST_CASE(ascii_json_survives_discord_and_means_the_same) {
  auto compact = to_json(*parse_json(R"({"mail":"<@1> `x` http://a//b","u":"é😀","s":"a   b"})"));
  auto ascii = to_ascii_json(compact);
  for (char c : ascii) BOOST_TEST((c > 0x1F && c < 0x7F && c != '@' && c != '<' && c != '`'));
  BOOST_TEST(ascii.find("//") == std::string::npos);
  BOOST_TEST(ascii.find("  ") == std::string::npos);
  BOOST_TEST(to_json(*parse_json(ascii)) == compact);
}

BOOST_AUTO_TEST_SUITE_END()
