#pragma once
// Numbers in the sentences of replies, for those who read replies by program. Pure, any thread.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dbcord::commands {

// The number that stands right behind the first `mark`.
inline std::optional<std::uint64_t> number_after(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  auto digits = text.substr(at + mark.size());
  std::uint64_t n = 0;
  auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (ec != std::errc{}) return std::nullopt;
  return n;
}

}  // namespace dbcord::commands
