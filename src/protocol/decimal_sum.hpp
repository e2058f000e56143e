#pragma once
// The exact sum of two JSON numbers. Pure, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::protocol {

inline constexpr std::int64_t max_sum_digits = 100;  // of operands and sum, written without an exponent

// "0.1" + "0.2" is "0.3"; written without an exponent and without zeros at the end of a fraction. Empty when it would take more
// than max_sum_digits.
std::optional<std::string> sum_of_numbers(std::string_view a, std::string_view b);

}  // namespace dbcord::protocol
