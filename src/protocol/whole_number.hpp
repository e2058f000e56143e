#pragma once
// whole_number: the number that a text is, all of it. Pure, any thread.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dbcord::protocol {

inline std::optional<std::uint64_t> whole_number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace dbcord::protocol
