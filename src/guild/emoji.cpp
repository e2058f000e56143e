#include "guild/emoji.hpp"

#include <cstdint>

#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t bytes_max = 64;  // families with skin tones take 41, flags of regions 28

bool within(std::uint32_t c, std::uint32_t least, std::uint32_t most) {
  return c >= least && c <= most;
}

// What may stand in an emoji without being one.
bool is_joiner(std::uint32_t c) {
  return c == 0x200D || c == 0xFE0F || c == 0x20E3 || within(c, 0xE0020, 0xE007F);
}

// The blocks that hold emoji; what else they hold is let through.
bool is_picture(std::uint32_t c) {
  return c == 0xA9 || c == 0xAE || c == 0x203C || c == 0x2049 || c == 0x2122 || c == 0x2139 ||
         within(c, 0x2194, 0x21AA) || within(c, 0x2300, 0x23FF) || c == 0x24C2 || within(c, 0x25AA, 0x27BF) ||
         within(c, 0x2934, 0x2935) || within(c, 0x2B05, 0x2B55) || c == 0x3030 || c == 0x303D ||
         c == 0x3297 || c == 0x3299 || within(c, 0x1F000, 0x1FAFF);
}

bool is_keycap_base(std::uint32_t c) {
  return within(c, '0', '9') || c == '#' || c == '*';
}

// Of valid UTF-8.
std::uint32_t take_code_point(std::string_view& text) {
  auto first = static_cast<unsigned char>(text[0]);
  std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t value = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  text.remove_prefix(length);
  return value;
}

}  // namespace

bool is_unicode_emoji(std::string_view text) {
  if (text.empty() || text.size() > bytes_max || !is_valid_utf8(text)) return false;
  bool keycap = is_keycap_base(static_cast<unsigned char>(text[0]));
  if (keycap) {
    text.remove_prefix(1);
    return text == "\xEF\xB8\x8F\xE2\x83\xA3" || text == "\xE2\x83\xA3";
  }
  bool picture = false;
  while (!text.empty()) {
    auto c = take_code_point(text);
    if (!is_picture(c) && !is_joiner(c)) return false;
    picture = picture || is_picture(c);
  }
  return picture;
}

}  // namespace dbcord::guild
