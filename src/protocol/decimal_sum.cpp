#include "protocol/decimal_sum.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "protocol/decimal.hpp"

namespace dbcord::protocol {
namespace {

using boost::multiprecision::cpp_int;

bool is_writable(const decimal& d) { return d.digits.empty() || (d.magnitude() <= max_sum_digits && d.exponent >= -max_sum_digits); }

// In units of 10^exponent, which is not above the number's own.
cpp_int scaled(const decimal& d, std::int64_t exponent) {
  if (d.digits.empty()) return 0;
  cpp_int value(d.digits + std::string(static_cast<std::size_t>(d.exponent - exponent), '0'));
  return d.negative ? cpp_int(-value) : value;
}

std::string written(const cpp_int& value, std::int64_t exponent) {
  std::string digits = cpp_int(abs(value)).str();
  auto decimals = static_cast<std::size_t>(-exponent);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) {
    digits.insert(digits.size() - decimals, 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return value < 0 ? "-" + digits : digits;
}

}  // namespace

std::optional<std::string> sum_of_numbers(std::string_view a_text, std::string_view b_text) {
  auto a = parse_decimal(a_text), b = parse_decimal(b_text);
  if (!is_writable(a) || !is_writable(b)) return std::nullopt;
  auto exponent = std::min<std::int64_t>({0, a.digits.empty() ? 0 : a.exponent, b.digits.empty() ? 0 : b.exponent});
  auto sum = written(scaled(a, exponent) + scaled(b, exponent), exponent);
  if (static_cast<std::int64_t>(sum.size()) > 2 * max_sum_digits) return std::nullopt;
  return sum;
}

}  // namespace dbcord::protocol
