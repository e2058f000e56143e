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

std::string typed_argument(std::string_view name, std::string_view value) {
  return fenced(fmt::format("{}:{}", name, needs_quotes(value) ? in_quotes(value) : std::string(value)));
}

}  // namespace dbcord::commands
