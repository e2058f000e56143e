#include "protocol/shown_value.hpp"

#include "base/code_points.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t longest_shown = 60;

}  // namespace

std::string shortened(std::string text) {
  if (text.size() <= longest_shown) return text;
  auto end = longest_shown;
  while (end > 0 && base::continues_code_point(text[end])) --end;
  return text.substr(0, end) + "…";
}

std::string shown_value(const json_node& value) { return shortened(to_json(value)); }

}  // namespace dbcord::protocol
