#pragma once
// A JSON number as an exact decimal: digits * 10^exponent. Pure, any thread; no limits but memory.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::protocol {

struct decimal {
  bool negative = false;
  std::string digits;         // without leading or trailing zeros; empty: zero
  std::int64_t exponent = 0;  // of the last digit

  // Of the first digit: 10^magnitude is the first power of ten above the number.
  std::int64_t magnitude() const { return exponent + static_cast<std::int64_t>(digits.size()); }
};

// `text` is a number as JSON writes it. An exponent beyond 32 bits is clamped: such numbers differ by their digits only.
decimal parse_decimal(std::string_view text);
std::strong_ordering compare(const decimal& a, const decimal& b);

// Integers of up to 18 digits, which most numbers are, for what has to be quick.
std::optional<std::int64_t> small_integer(std::string_view text);  // only one that is written as such: 15, not 1.5e1
std::optional<std::int64_t> as_small_integer(const decimal& d);    // however it is written

}  // namespace dbcord::protocol
