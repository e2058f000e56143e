#include "base/number_text.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace dbcord::base;

BOOST_AUTO_TEST_CASE(numbers_are_written_with_separators_and_read_with_or_without) {
  BOOST_TEST(with_separators(0) == "0");
  BOOST_TEST(with_separators(999) == "999");
  BOOST_TEST(with_separators(1000) == "1,000");
  BOOST_TEST(with_separators(1234567) == "1,234,567");
  auto most = std::numeric_limits<std::uint64_t>::max();
  BOOST_TEST(with_separators(most) == "18,446,744,073,709,551,615");
  for (std::uint64_t n : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{20040}, std::uint64_t{1000000}, most}) {
    BOOST_TEST((leading_number(with_separators(n) + " rows") == n));
    BOOST_TEST((leading_number(std::to_string(n)) == n));
  }
  BOOST_TEST((leading_number("12, 345") == 12u));
  BOOST_TEST((leading_number("12,34") == 12u));
  BOOST_TEST((leading_number("12,3456") == 12u));
  BOOST_TEST((leading_number("1234,567") == 1234u));
  for (auto text : {"", "x", ",123", "-1", "18446744073709551616"}) BOOST_TEST(!leading_number(text).has_value());
}
