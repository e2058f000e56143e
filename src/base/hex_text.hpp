#pragma once
// Bytes as lower-case hex digits. Pure, any thread.

#include <string>

namespace dbcord::base {

inline std::string hex_text(const unsigned char* bytes, unsigned size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

}  // namespace dbcord::base
