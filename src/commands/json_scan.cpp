#include "commands/json_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/code_points.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view a_value = "a value";
constexpr std::string_view a_name = "a field name in double quotes";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Length in bytes of the UTF-8 sequence at `at`; 0 if it is not valid (overlong forms and surrogates included).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return tail(at + 1) && tail(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return tail(at + 1) && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

// Each function moves `at_` over what it names; false leaves `at_` at the offence and `expected_` saying what was wanted.
class scanner {
 public:
  scanner(std::string_view text, std::size_t begin, int max_depth) : text_(text), at_(begin), max_depth_(max_depth) {}

  bool value() {
    space();
    switch (peek()) {
      case '{': return nested(&scanner::members);
      case '[': return nested(&scanner::elements);
      case '"': return string();
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      default: return peek() == '-' || is_digit(peek()) ? number() : want(a_value);
    }
  }

  json_scan result() const { return {at_, expected_}; }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek() const { return more() ? text_[at_] : '\0'; }
  void space() { at_ = skip_space(text_, at_); }

  bool want(std::string_view what) {
    expected_ = what;
    return false;
  }

  bool nested(bool (scanner::*inside)()) {
    if (depth_ == max_depth_) return want(max_depth_ == max_json_depth ? "at most 64 levels of nesting" : "at most 68 levels of nesting");
    ++depth_;
    ++at_;
    space();
    bool good = (this->*inside)();
    --depth_;
    return good;
  }

  bool members() {
    if (accept('}')) return true;
    for (;;) {
      if (peek() != '"') return want(a_name);
      if (!string()) return false;
      space();
      if (!accept(':')) return want("`:` after the field name");
      if (!value()) return false;
      space();
      if (accept('}')) return true;
      if (!accept(',')) return want("`,` or `}` after a value");
      space();
    }
  }

  bool elements() {
    if (accept(']')) return true;
    for (;;) {
      if (!value()) return false;
      space();
      if (accept(']')) return true;
      if (!accept(',')) return want("`,` or `]` after a value");
    }
  }

  bool accept(char c) {
    if (peek() != c || !more()) return false;
    ++at_;
    return true;
  }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return want(a_value);
    at_ += word.size();
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return want("a digit");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    accept('-');
    if (accept('0')) {
      if (is_digit(peek())) return want("no digit after a leading 0");
    } else if (!digits()) {
      return false;
    }
    if (accept('.') && !digits()) return false;
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      return digits();
    }
    return true;
  }

  bool string() {
    ++at_;
    for (;;) {
      if (!more()) return want("`\"` at the end of the text");
      auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') return ++at_, true;
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c < 0x20) {
        return want("no bare control character inside a text (write \\n, \\t or \\u00XX)");
      } else {
        auto length = utf8_length(text_, at_);
        if (length == 0) return want("valid UTF-8");
        at_ += length;
      }
    }
  }

  bool escape() {
    ++at_;
    if (peek() == 'u') return unicode_escape();
    if (!more() || std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos)
      return want("one of \" \\ / b f n r t u after `\\`");
    ++at_;
    return true;
  }

  // \uXXXX, and the second half of a surrogate pair when the first one stands there.
  bool unicode_escape() {
    std::uint32_t unit = 0;
    if (!hex4(unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return want("no lone surrogate");
    if (unit < 0xD800 || unit > 0xDBFF) return true;
    if (text_.substr(at_, 2) != "\\u") return want("the second half of a surrogate pair");
    ++at_;
    if (!hex4(unit)) return false;
    return (unit >= 0xDC00 && unit <= 0xDFFF) || want("the second half of a surrogate pair");
  }

  bool hex4(std::uint32_t& unit) {
    ++at_;  // u
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = peek();
      if (!is_hex(c)) return want("four hex digits after `\\u`");
      unit = unit * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  std::string_view expected_;
  int depth_ = 0;
  int max_depth_;
};

// The character there, as a person would name it.
std::string found(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "but the text ends there";
  auto length = std::max<std::size_t>(utf8_length(text, at), 1);
  auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x20 || c == 0x7F || (c >= 0x80 && length == 1)) return fmt::format("found the byte 0x{:02X}", c);
  if (c == '`') return "found a backtick";
  return fmt::format("found `{}`", text.substr(at, length));
}

std::string_view hint(std::string_view text, const json_scan& offence) {
  auto rest = text.substr(std::min(offence.end, text.size()));
  auto starts = [&](std::string_view what) { return rest.substr(0, what.size()) == what; };
  if (starts("\xE2\x80\x9C") || starts("\xE2\x80\x9D") || starts("\xE2\x80\x9E") || starts("'") || starts("\xE2\x80\x98") ||
      starts("\xE2\x80\x99"))
    return "; JSON wants straight double quotes (\")";
  bool after_comma = offence.end > 0 && text.substr(0, offence.end).find_last_not_of(" \t\r\n") != std::string_view::npos &&
                     text[text.substr(0, offence.end).find_last_not_of(" \t\r\n")] == ',';
  if (after_comma && (starts("}") || starts("]"))) return "; remove the `,` before it";
  if (starts("True") || starts("False") || starts("None")) return "; JSON writes true, false and null";
  if (offence.expected == a_name && offence.end < text.size()) return ", like {\"name\": \"value\"}";
  return "";
}

std::string position(std::string_view text, std::size_t at) {
  auto before = text.substr(0, std::min(at, text.size()));
  auto lines = std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  auto column = base::count_code_points(before.substr(line_start)) + 1;
  if (text.find('\n') == std::string_view::npos) return fmt::format("at character {}", column);
  return fmt::format("at line {}, character {}", lines + 1, column);
}

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t begin) {
  while (begin < text.size() && is_space(text[begin])) ++begin;
  return begin;
}

std::string_view trimmed(std::string_view text) {
  auto first = skip_space(text, 0);
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

json_scan scan_value(std::string_view text, std::size_t begin, int max_depth) {
  scanner s(text, begin, max_depth);
  s.value();
  return s.result();
}

json_scan scan_document(std::string_view text, int max_depth) {
  auto scan = scan_value(text, 0, max_depth);
  if (!scan.good()) return scan;
  scan.end = skip_space(text, scan.end);
  if (scan.end != text.size()) scan.expected = "nothing after the value";
  return scan;
}

std::string describe(std::string_view text, const json_scan& offence) {
  return fmt::format("{}: expected {}, {}{}", position(text, offence.end), offence.expected, found(text, offence.end),
                     hint(text, offence));
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto length = utf8_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

}  // namespace dbcord::commands
