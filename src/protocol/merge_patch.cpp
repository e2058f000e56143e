#include "protocol/merge_patch.hpp"

#include <fmt/format.h>

namespace dbcord::protocol {
namespace {

// a.b.c as {"a": {"b": {"c": …}}}
std::string as_objects(std::string_view path) {
  auto dot = path.find('.');
  std::string text = "{";
  append_json_string(text, path.substr(0, dot));
  return text + ": " + (dot == path.npos ? "…" : as_objects(path.substr(dot + 1))) + "}";
}

}  // namespace

std::optional<std::string> misplaced_path(const json_node& target, const json_node& patch) {
  for (const auto& [name, value] : patch.members) {
    const auto* present = target.find(name);
    if (present && present->is_object() && value.is_object()) {
      if (auto inner = misplaced_path(*present, value)) return inner;
    }
    auto dot = name.find('.');
    if (present || dot == name.npos) continue;
    const auto* object = target.find(name.substr(0, dot));
    if (!object || !object->is_object()) continue;
    return fmt::format("{} would be a field beside {}, not one in it; write {}", name, name.substr(0, dot), as_objects(name));
  }
  return std::nullopt;
}

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
