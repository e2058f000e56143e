#include "commands/typed_argument.hpp"

#include <fmt/format.h>

#include <algorithm>

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

// Longer than any within, as Discord's markdown wants it; the spaces are not shown.
std::string fence_for(std::string_view code) {
  std::size_t longest = 0, run = 0;
  for (char c : code) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest + 1, '`');
}

}  // namespace

std::string typed_argument(std::string_view name, std::string_view value) {
  auto code = fmt::format("{}:{}", name, needs_quotes(value) ? in_quotes(value) : std::string(value));
  auto fence = fence_for(code);
  std::string_view space = fence.size() > 1 ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, space, code, space, fence);
}

}  // namespace dbcord::commands
