#pragma once
// The mark that some editors put before a text in UTF-8.

#include <string_view>

namespace dbcord::base {

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

inline std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

}  // namespace dbcord::base
