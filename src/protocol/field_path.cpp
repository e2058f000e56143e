#include "protocol/field_path.hpp"

#include <charconv>

namespace dbcord::protocol {
namespace {

using visitor = std::function<bool(const json_node&)>;

bool visit_path(const json_node& node, std::string_view path, const visitor& visit);

bool visit_object(const json_node& object, std::string_view path, const visitor& visit) {
  if (const auto* direct = object.find(path)) return visit(*direct);
  for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    const auto* inner = object.find(path.substr(0, dot));
    if (inner && visit_path(*inner, path.substr(dot + 1), visit)) return true;
  }
  return false;
}

const json_node* item_at(const json_node& array, std::string_view index) {
  std::size_t i = 0;
  auto parsed = std::from_chars(index.data(), index.data() + index.size(), i);
  bool is_index = parsed.ec == std::errc{} && parsed.ptr == index.data() + index.size();
  return is_index && i < array.items.size() ? &array.items[i] : nullptr;
}

bool visit_array(const json_node& array, std::string_view path, const visitor& visit) {
  auto dot = path.find('.');
  if (const auto* item = item_at(array, path.substr(0, dot))) {
    if (dot == path.npos) return visit(*item);
    if (visit_path(*item, path.substr(dot + 1), visit)) return true;
  }
  for (const auto& item : array.items) {
    if (item.is_object() && visit_object(item, path, visit)) return true;
  }
  return false;
}

bool visit_path(const json_node& node, std::string_view path, const visitor& visit) {
  if (node.type == json_node::kind::object) return visit_object(node, path, visit);
  if (node.type == json_node::kind::array) return visit_array(node, path, visit);
  return false;
}

}  // namespace

bool any_at_path(const json_node& root, std::string_view path, const visitor& visit) { return visit_path(root, path, visit); }

const json_node* first_at_path(const json_node& root, std::string_view path) {
  const json_node* found = nullptr;
  any_at_path(root, path, [&](const json_node& value) {
    found = &value;
    return true;
  });
  return found;
}

}  // namespace dbcord::protocol
