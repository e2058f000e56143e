#include "protocol/decimal.hpp"

#include <algorithm>
#include <charconv>

namespace dbcord::protocol {
namespace {

std::int64_t parse_exponent(std::string_view text) {
  bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (parsed.ec != std::errc{}) return negative ? INT32_MIN : INT32_MAX;
  return std::clamp<std::int64_t>(exponent, INT32_MIN, INT32_MAX);
}

constexpr std::size_t small_digits = 18;

std::strong_ordering compare_magnitudes(const decimal& a, const decimal& b) {
  if (a.magnitude() != b.magnitude()) return a.magnitude() <=> b.magnitude();
  return a.digits.compare(b.digits) <=> 0;  // no trailing zeros: a prefix is the smaller number
}

}  // namespace

decimal parse_decimal(std::string_view text) {
  decimal d;
  if (text.starts_with('-')) {
    d.negative = true;
    text.remove_prefix(1);
  }
  if (auto e = text.find_first_of("eE"); e != std::string_view::npos) {
    d.exponent = parse_exponent(text.substr(e + 1));
    text = text.substr(0, e);
  }
  auto point = text.find('.');
  d.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    d.digits += text.substr(point + 1);
    d.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
  }
  auto last = d.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  d.exponent += static_cast<std::int64_t>(d.digits.size() - last - 1);
  d.digits.erase(last + 1);
  d.digits.erase(0, d.digits.find_first_not_of('0'));
  return d;
}

std::strong_ordering compare(const decimal& a, const decimal& b) {
  int sign_a = a.digits.empty() ? 0 : a.negative ? -1 : 1;
  int sign_b = b.digits.empty() ? 0 : b.negative ? -1 : 1;
  if (sign_a != sign_b) return sign_a <=> sign_b;
  if (sign_a == 0) return std::strong_ordering::equal;
  return sign_a > 0 ? compare_magnitudes(a, b) : compare_magnitudes(b, a);
}

std::optional<std::int64_t> small_integer(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > small_digits) return std::nullopt;
  std::int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

std::optional<std::int64_t> as_small_integer(const decimal& d) {
  if (d.exponent < 0 || d.magnitude() > static_cast<std::int64_t>(small_digits)) return std::nullopt;
  return small_integer((d.negative ? "-" : "") + d.digits + std::string(d.digits.empty() ? 1 : static_cast<std::size_t>(d.exponent), '0'));
}

}  // namespace dbcord::protocol
