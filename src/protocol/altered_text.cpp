#include "protocol/altered_text.hpp"

#include "base/code_points.hpp"

namespace dbcord::protocol {
bool might_be_altered(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) return true;
  if (c < 0x300) return false;
  return (c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x2000 && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || (c >= 0x20D0 && c <= 0x20FF) || c == 0x3000 ||
         (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFF) || c >= 0xE0000;
}

bool might_be_altered(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (might_be_altered(base::next_code_point(text, at))) return true;
  return false;
}

}  // namespace dbcord::protocol
