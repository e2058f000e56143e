#include "protocol/names.hpp"

#include <algorithm>

namespace dbcord::protocol {

bool is_usable_name(std::string_view name) {
  if (name.empty() || name.size() > max_name_length) return false;
  bool after_letter = false;
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    bool separator = c == '-' || c == '_';
    if (!letter && !(separator && after_letter)) return false;
    after_letter = letter;
  }
  return after_letter;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool has_invisible_mark(std::string_view text) {
  // UTF-8 of U+200B to U+200F, U+202A to U+202E, U+2066 to U+2069 and U+FEFF; Unicode Standard, 23.2 and 23.3
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    auto first = text.substr(i, 2);
    auto last = static_cast<unsigned char>(text[i + 2]);
    if (first == "\xE2\x80" && ((last >= 0x8B && last <= 0x8F) || (last >= 0xAA && last <= 0xAE))) return true;
    if (first == "\xE2\x81" && last >= 0xA6 && last <= 0xA9) return true;
    if (first == "\xEF\xBB" && last == 0xBF) return true;
  }
  return false;
}

}  // namespace dbcord::protocol
