#pragma once
// A member of a JSON object that must be a whole number. Pure, any thread.

#include "protocol/json_node.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {

inline std::optional<std::uint64_t> number_member(const json_node& object, std::string_view name) {
  const auto* node = object.find(name);
  return node && node->type == json_node::kind::number ? whole_number(node->text) : std::nullopt;
}

}  // namespace dbcord::protocol
