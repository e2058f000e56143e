#include "protocol/shown_value.hpp"

#include "base/code_points.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t longest_shown = 60;

}  // namespace

std::string shortened(std::string text) {
  if (text.size() <= longest_shown) return text;
  return std::string(base::first_bytes(text, longest_shown)) + "…";
}

std::string shown_value(const json_node& value) { return shortened(to_json(value)); }

}  // namespace dbcord::protocol
