#include "commands/typed_argument.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/code_points.hpp"
#include "commands/json_scan.hpp"
#include "commands/reply_text.hpp"
#include "protocol/altered_text.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view blank = " \t";

// Beside what Discord alters: blanks of other scripts, and marks that turn the order of letters around.
bool is_hidden(char32_t c) {
  return protocol::might_be_altered(c) || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x1680 || c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F) ||
         c == 0x2800 || c == 0x3164 || c == 0xFFA0;
}

// Behind a backslash, "u{202e}" stands for the code point with that number.
std::optional<char32_t> numbered_code_point(std::string_view& text) {
  auto end = text.find('}');
  if (!text.starts_with("u{") || end == text.npos) return std::nullopt;
  std::uint32_t value = 0;
  auto digits = text.substr(2, end - 2);
  auto [stop, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  bool is_one = ec == std::errc{} && stop == digits.data() + digits.size() && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  if (!is_one) return std::nullopt;
  text.remove_prefix(end + 1);
  return value;
}

bool has_blank_end(std::string_view value) { return blank.find(value.front()) != blank.npos || blank.find(value.back()) != blank.npos; }

std::string escape_of(char32_t c) { return fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c)); }

}  // namespace

bool has_hidden(std::string_view text) {
  if (find_invalid_utf8(text)) return false;
  for (std::size_t at = 0; at < text.size();)
    if (is_hidden(base::next_code_point(text, at))) return true;
  return false;
}

std::string with_hidden_shown(std::string_view text) {
  if (!has_hidden(text)) return std::string(text);
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    auto begin = at;
    auto c = base::next_code_point(text, at);
    if (is_hidden(c)) shown += escape_of(c);
    else shown += text.substr(begin, at - begin);
  }
  return shown;
}

bool looks_otherwise(std::string_view value) { return value.empty() || value.front() == '"' || has_blank_end(value) || has_hidden(value); }

// What may end at a word with a colon, or not begin where it is thought to.
bool needs_quotes(std::string_view value) {
  bool has_blank = value.find_first_of(blank) != value.npos;
  return value.empty() || std::string_view("\"{[").find(value.front()) != std::string_view::npos || (has_blank && value.find(':') != value.npos) ||
         has_blank_end(value) || has_hidden(value);
}

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (std::size_t at = 0; at < value.size();) {
    auto begin = at;
    auto c = base::next_code_point(value, at);
    if (is_hidden(c)) {
      text += escape_of(c);
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += value.substr(begin, at - begin);
  }
  return text + '"';
}

std::string unquoted(std::string_view value) {
  std::string text;
  auto rest = value.substr(1, value.size() - 2);
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    bool escape = c == '\\' && !rest.empty();
    if (auto code_point = escape ? numbered_code_point(rest) : std::nullopt) {
      base::append_code_point(text, *code_point);
      continue;
    }
    if (escape && (rest.front() == '"' || rest.front() == '\\')) {
      c = rest.front();
      rest.remove_prefix(1);
    }
    text += c;
  }
  return text;
}

std::optional<std::string> typed_at_end(std::string_view sentence, std::string_view name) {
  if (sentence.empty() || sentence.back() != '.') return std::nullopt;
  sentence.remove_suffix(1);
  auto last = sentence.find_last_not_of('`');
  if (last == sentence.npos || last + 1 == sentence.size()) return std::nullopt;
  auto fence = sentence.substr(last + 1);  // no run of back-ticks within is as long
  auto begin = sentence.substr(0, last + 1).rfind(fence);
  if (begin == sentence.npos) return std::nullopt;
  auto code = sentence.substr(begin + fence.size(), last + 1 - begin - fence.size());
  if (fence.size() > 1) {
    if (code.size() < 2 || code.front() != ' ' || code.back() != ' ') return std::nullopt;
    code = code.substr(1, code.size() - 2);
  }
  if (!code.starts_with(name) || code.size() <= name.size() || code[name.size()] != ':') return std::nullopt;
  auto value = code.substr(name.size() + 1);
  bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? unquoted(value) : std::string(value);
}

std::string typed_value(std::string_view value) { return needs_quotes(value) ? in_quotes(value) : std::string(value); }

std::string typed_argument(std::string_view name, std::string_view value) { return fenced(fmt::format("{}:{}", name, typed_value(value))); }

}  // namespace dbcord::commands
