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

}  // namespace dbcord::protocol
