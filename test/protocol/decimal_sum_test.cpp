#include <boost/test/unit_test.hpp>

#include "protocol/decimal_sum.hpp"

using dbcord::protocol::sum_of_numbers;

BOOST_AUTO_TEST_SUITE(decimal_sums)

BOOST_AUTO_TEST_CASE(sums_are_exact) {
  auto sum = [](std::string_view a, std::string_view b) { return sum_of_numbers(a, b).value_or("none"); };
  BOOST_TEST(sum("0.1", "0.2") == "0.3");
  BOOST_TEST(sum("1.10", "-0.10") == "1");
  BOOST_TEST(sum("-5", "5") == "0");
  BOOST_TEST(sum("-0.75", "0.5") == "-0.25");
  BOOST_TEST(sum("9007199254740993", "1") == "9007199254740994");
  BOOST_TEST(sum("1e3", "1") == "1001");
  BOOST_TEST(sum("123456789012345678901234567890", "0.000000001") == "123456789012345678901234567890.000000001");
  BOOST_TEST(sum("0", "-0") == "0");
  BOOST_TEST(sum("1e99", "1") == "1" + std::string(98, '0') + "1");
}

BOOST_AUTO_TEST_CASE(sums_that_would_be_endless_are_none) {
  BOOST_TEST(!sum_of_numbers("1e1000000000", "1").has_value());
  BOOST_TEST(!sum_of_numbers("1", "1e-2000000000").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
