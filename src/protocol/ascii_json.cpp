#include "protocol/ascii_json.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace dbcord::protocol {
namespace {

// The code point that begins at text[i]; advances i past it. The input is valid UTF-8 (checked by the parser).
std::uint32_t decode_utf8(std::string_view text, std::size_t& i) {
  auto lead = static_cast<unsigned char>(text[i++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  std::uint32_t code = lead & (0x3F >> more);
  for (; more > 0 && i < text.size(); --more) code = (code << 6) | (static_cast<unsigned char>(text[i++]) & 0x3F);
  return code;
}

void append_escape(std::string& out, std::uint32_t code) {
  auto back = std::back_inserter(out);
  if (code < 0x10000) {
    fmt::format_to(back, "\\u{:04x}", code);
  } else {
    code -= 0x10000;
    fmt::format_to(back, "\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
  }
}

bool must_escape(char c, char before) {
  return c == '@' || c == '<' || c == '`' || c == 0x7F || (c == '/' && before == '/') || (c == ' ' && before == ' ');
}

}  // namespace

std::string to_ascii_json(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() + compact.size() / 8);
  char before = 0;
  for (std::size_t i = 0; i < compact.size();) {
    char c = compact[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      append_escape(out, decode_utf8(compact, i));
      before = 0;
      continue;
    }
    ++i;
    if (must_escape(c, before)) {
      append_escape(out, static_cast<unsigned char>(c));
      before = 0;
    } else {
      out += c;
      before = c;
    }
  }
  return out;
}

}  // namespace dbcord::protocol
