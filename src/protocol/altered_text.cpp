#include "protocol/altered_text.hpp"

namespace dbcord::protocol {
namespace {

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  auto first = static_cast<unsigned char>(text[at++]);
  char32_t c = first < 0x80 ? first : first < 0xE0 ? first & 0x1F : first < 0xF0 ? first & 0x0F : first & 0x07;
  while (at < text.size() && goes_on(text[at])) c = (c << 6) | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return c;
}

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
    if (might_be_altered(next_code_point(text, at))) return true;
  return false;
}

}  // namespace dbcord::protocol
