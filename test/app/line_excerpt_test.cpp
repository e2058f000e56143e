#include "app/line_excerpt.hpp"

#include <boost/test/unit_test.hpp>

using dbcord::app::first_lines;

BOOST_AUTO_TEST_SUITE(line_excerpts)

BOOST_AUTO_TEST_CASE(a_long_list_is_cut_between_lines_and_says_how_many_are_left_out) {
  BOOST_TEST(first_lines("", 2) == "");
  BOOST_TEST(first_lines("a\nb\n", 2) == "a\nb\n");
  BOOST_TEST(first_lines("a\nb", 2) == "a\nb");
  BOOST_TEST(first_lines("a\nb\nc\nd\n", 2) == "a\nb\n… and 2 more lines\n");
  BOOST_TEST(first_lines("a\nb\nc", 2) == "a\nb\n… and 1 more line\n");
}

BOOST_AUTO_TEST_SUITE_END()
