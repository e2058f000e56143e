#include "base/number_text.hpp"

#include <algorithm>
#include <charconv>

namespace dbcord::base {
namespace {

constexpr std::size_t group = 3;  // digits between two separators

std::size_t digits_at(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

}  // namespace

std::string with_separators(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto left = digits.size(); left > group; left -= group) digits.insert(left - group, 1, ',');
  return digits;
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  auto length = digits_at(text);
  if (length == 0) return std::nullopt;
  std::string digits(text.substr(0, length));
  if (length > group) text = {};  // written without separators
  for (text.remove_prefix(std::min(length, text.size())); text.starts_with(',') && digits_at(text.substr(1)) == group; text.remove_prefix(1 + group)) {
    digits += text.substr(1, group);
  }
  std::uint64_t number = 0;
  auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return parsed.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  return at == std::string_view::npos ? std::nullopt : leading_number(text.substr(at + mark.size()));
}

}  // namespace dbcord::base
