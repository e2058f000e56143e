#include "protocol/merge_patch.hpp"

namespace dbcord::protocol {

void apply_merge_patch(json_node& target, const json_node& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) {
    target = json_node{};
    target.type = json_node::kind::object;
  }
  for (const auto& [name, value] : patch.members) {
    if (value.type == json_node::kind::null) {
      target.erase(name);
      continue;
    }
    auto* present = target.find(name);
    if (!present) {
      target.set(name, json_node{});
      present = target.find(name);
    }
    apply_merge_patch(*present, value);
  }
}

}  // namespace dbcord::protocol
