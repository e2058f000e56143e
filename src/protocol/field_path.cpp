#include "protocol/field_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "protocol/shown_value.hpp"

namespace dbcord::protocol {
namespace {

const json_node* item_at(const json_node& array, std::string_view index) {
  std::size_t i = 0;
  auto parsed = std::from_chars(index.data(), index.data() + index.size(), i);
  bool is_index = parsed.ec == std::errc{} && parsed.ptr == index.data() + index.size();
  return is_index && i < array.items.size() ? &array.items[i] : nullptr;
}

bool is_all_digits(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class path_walk {
 public:
  explicit path_walk(const std::function<bool(const json_node&)>& visit) : visit_(visit) {}

  bool go(const json_node& node, std::string_view path) {
    if (node.type == json_node::kind::object) return through_object(node, path);
    if (node.type == json_node::kind::array) return through_array(node, path);
    return false;
  }

 private:
  bool through_object(const json_node& object, std::string_view path) {
    if (const auto* direct = object.find(path)) return visit_(*direct);
    for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
      const auto* inner = object.find(path.substr(0, dot));
      if (inner && go(*inner, path.substr(dot + 1))) return true;
    }
    return false;
  }

  // By index, and item by item. Both may lead to the same place again and again: without `seen_` nested arrays take exponential time.
  bool through_array(const json_node& array, std::string_view path) {
    if (!seen_.emplace(&array, path.size()).second) return false;
    auto dot = path.find('.');
    if (const auto* item = item_at(array, path.substr(0, dot))) {
      if (dot == path.npos ? visit_(*item) : go(*item, path.substr(dot + 1))) return true;
    }
    return std::any_of(array.items.begin(), array.items.end(),
                       [&](const json_node& item) { return item.is_object() && through_object(item, path); });
  }

  const std::function<bool(const json_node&)>& visit_;
  std::set<std::pair<const json_node*, std::size_t>> seen_;  // arrays, with the length of the path behind them
};

}  // namespace

bool is_usable_path(std::string_view path) {
  return !path.empty() && static_cast<std::size_t>(std::count(path.begin(), path.end(), '.')) < max_path_segments;
}

bool has_empty_part(std::string_view path) {
  return path.empty() || path.front() == '.' || path.back() == '.' || path.find("..") != path.npos;
}

std::string no_field_text(std::string_view path) {
  return fmt::format("{} is no field: a path like address.city has a name on each side of a dot", shown_value(json_node::make_string(std::string(path))));
}

bool may_lead_by_place(std::string_view path) {
  for (;;) {
    auto dot = path.find('.');
    if (is_all_digits(path.substr(0, dot))) return true;
    if (dot == path.npos) return false;
    path.remove_prefix(dot + 1);
  }
}

bool any_at_path(const json_node& root, std::string_view path, const std::function<bool(const json_node&)>& visit) {
  return path_walk(visit).go(root, path);
}

const json_node* first_at_path(const json_node& root, std::string_view path) {
  const json_node* found = nullptr;
  any_at_path(root, path, [&](const json_node& value) {
    found = &value;
    return true;
  });
  return found;
}

}  // namespace dbcord::protocol
