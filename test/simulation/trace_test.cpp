// A trace is for people and grep: each record is one line of text, whatever a request's body has in it; the hash is of what was traced.

#include "simulation/trace.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

BOOST_AUTO_TEST_CASE(a_line_of_a_trace_has_neither_line_breaks_nor_bytes_that_are_no_text) {
  BOOST_TEST(on_one_line("a \"quoted\" \\n stays") == "a \"quoted\" \\n stays");
  BOOST_TEST(on_one_line("one\r\ntwo\tthree") == "one\\r\\ntwo\\tthree");
  BOOST_TEST(on_one_line(std::string_view("\0\x1b\x7f", 3)) == "\\x00\\x1b\\x7f");
  BOOST_TEST(on_one_line("é€\xF0\x9F\x98\x80") == "é€\xF0\x9F\x98\x80");
  BOOST_TEST(on_one_line("\xFFx\xC3") == "\\xffx\\xc3");            // not UTF-8, cut off
  BOOST_TEST(on_one_line("\xC3\nx") == "\\xc3\\nx");                 // the byte behind it is a line break all the same
  BOOST_TEST(on_one_line("\xED\xA0\x80") == "\\xed\\xa0\\x80");      // half a surrogate pair
  BOOST_TEST(on_one_line("") == "");
}

BOOST_AUTO_TEST_CASE(what_is_shown_of_a_trace_is_escaped_and_what_is_hashed_is_not) {
  base::steady_time now = steady_origin;
  std::vector<std::string> shown;
  trace one(now, [&](std::string_view line) { shown.emplace_back(line); });
  trace two(now), other(now);
  one.line("body \x01\r\n--end");
  two.line("body \x01\r\n--end");
  other.line("body \\x01\\r\\n--end");
  BOOST_TEST_REQUIRE(shown.size() == 1u);
  BOOST_TEST(shown[0] == "   0.000000 body \\x01\\r\\n--end");
  BOOST_TEST(one.hash() == two.hash());
  BOOST_TEST(one.hash() != other.hash());
}
