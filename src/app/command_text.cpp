#include "app/command_text.hpp"

#include <fmt/format.h>

namespace dbcord::app {
namespace {

constexpr const char* white = " \t\r\n";

bool is_no_command(const std::string& line) {
  auto first = line.find_first_not_of(white);
  return first == line.npos || line[first] == '#';
}

}  // namespace

bool command_text::add(std::string line, std::span<const commands::command_definition> known) {
  if (!is_in_quotes(known) && is_no_command(line)) return false;
  text_ += (text_.empty() ? "" : "\n") + line;
  return text_.size() >= open_max || !commands::ends_within_value(text_, known);
}

bool command_text::is_in_quotes(std::span<const commands::command_definition> known) const {
  auto begun = text_.empty() ? std::nullopt : commands::parse_begun_line(text_, known);
  return begun && begun->typed.starts_with('"');
}

base::error command_text::unfinished() const {
  auto begin = text_.find_first_not_of(white);
  return {base::errc::invalid_argument, fmt::format("the input ends within {}, whose quote or JSON value is not closed; it was not sent",
                                                    text_.substr(begin, text_.find_first_of(white, begin) - begin))};
}

}  // namespace dbcord::app
