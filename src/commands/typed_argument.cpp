#include "commands/typed_argument.hpp"

#include <fmt/format.h>

#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view blank = " \t";

// What may end at a word with a colon, or not begin where it is thought to.
bool needs_quotes(std::string_view value) {
  bool has_blank = value.find_first_of(blank) != value.npos;
  return value.empty() || std::string_view("\"{[").find(value.front()) != std::string_view::npos || (has_blank && value.find(':') != value.npos) ||
         blank.find(value.front()) != blank.npos || blank.find(value.back()) != blank.npos;
}

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

}  // namespace

std::string unquoted(std::string_view value) {
  std::string text;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    bool escape = value[i] == '\\' && i + 2 < value.size() && (value[i + 1] == '"' || value[i + 1] == '\\');
    if (escape) ++i;
    text += value[i];
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

std::string typed_argument(std::string_view name, std::string_view value) {
  return fenced(fmt::format("{}:{}", name, needs_quotes(value) ? in_quotes(value) : std::string(value)));
}

}  // namespace dbcord::commands
