#include "commands/indented_json.hpp"

#include "protocol/json_node.hpp"

namespace dbcord::commands {
namespace {

using protocol::json_node;

void line(std::string& out, std::size_t level) { out += "\n" + std::string(2 * level, ' '); }

void append(std::string& out, const json_node& node, std::size_t level) {
  bool object = node.is_object(), array = node.type == json_node::kind::array;
  if ((!object || node.members.empty()) && (!array || node.items.empty())) return protocol::append_json(out, node);
  out += object ? '{' : '[';
  bool first = true;
  auto next = [&] {
    if (!std::exchange(first, false)) out += ',';
    line(out, level + 1);
  };
  for (const auto& member : node.members) {
    next();
    protocol::append_json_string(out, member.first);
    out += ": ";
    append(out, member.second, level + 1);
  }
  for (const auto& item : node.items) {
    next();
    append(out, item, level + 1);
  }
  line(out, level);
  out += object ? '}' : ']';
}

}  // namespace

std::string indented_json(std::string_view compact) {
  auto node = protocol::parse_json(compact);
  if (!node) return std::string(compact);
  std::string out;
  append(out, *node, 0);
  return out;
}

}  // namespace dbcord::commands
