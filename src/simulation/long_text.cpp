#include "simulation/long_text.hpp"

#include <charconv>
#include <iterator>

namespace dbcord::simulation {
namespace {

constexpr std::size_t lengths[] = {40, 700, 1'700, 2'100, 3'600};  // bytes; an argument may have 6,000 characters, a message 2,000
constexpr std::string_view pieces[] = {"plain words ", "\"quoted\" ", "back\\slash ", "line\nbreak ", "<@1> @everyone ", "**bold** `code` ", "Zo\u00eb ", "\u65e5\u672c ", "\U0001F600 ", "\u202eturned "};

}  // namespace

std::string long_text(std::int64_t number) {
  auto text = std::to_string(number) + "|";
  auto unlike = static_cast<std::uint64_t>(number);
  auto length = lengths[unlike % std::size(lengths)];
  for (auto at = unlike / std::size(lengths); text.size() < length; at += 1 + unlike % 3) text += pieces[at % std::size(pieces)];
  return text;
}

std::optional<std::int64_t> number_of_text(std::string_view text) {
  std::int64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || text != long_text(number)) return std::nullopt;
  return number;
}

}  // namespace dbcord::simulation
