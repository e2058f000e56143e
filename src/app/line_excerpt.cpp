#include "app/line_excerpt.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dbcord::app {

std::string first_lines(std::string_view text, std::size_t at_most) {
  auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + (text.empty() || text.ends_with('\n') ? 0 : 1);
  if (lines <= at_most) return std::string(text);
  std::size_t end = 0;
  for (std::size_t i = 0; i < at_most; ++i) end = text.find('\n', end) + 1;
  return std::string(text.substr(0, end)) + fmt::format("… and {} more line{}\n", lines - at_most, lines - at_most == 1 ? "" : "s");
}

}  // namespace dbcord::app
