#include "protocol/value_order.hpp"

#include <algorithm>

#include "protocol/decimal.hpp"

namespace dbcord::protocol {
namespace {

using kind = json_node::kind;

// As in canonical(): members count by name, not by their order in the text.
std::vector<const json_node::member*> sorted_members(const json_node& object) {
  std::vector<const json_node::member*> members;
  for (const auto& m : object.members) members.push_back(&m);
  std::sort(members.begin(), members.end(), [](auto* x, auto* y) { return x->first < y->first; });
  return members;
}

std::strong_ordering compare_objects(const json_node& a, const json_node& b) {
  auto left = sorted_members(a), right = sorted_members(b);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (auto order = left[i]->first.compare(right[i]->first) <=> 0; order != 0) return order;
    if (auto order = compare_values(left[i]->second, right[i]->second); order != 0) return order;
  }
  return left.size() <=> right.size();
}

std::strong_ordering compare_arrays(const json_node& a, const json_node& b) {
  for (std::size_t i = 0; i < std::min(a.items.size(), b.items.size()); ++i) {
    if (auto order = compare_values(a.items[i], b.items[i]); order != 0) return order;
  }
  return a.items.size() <=> b.items.size();
}

}  // namespace

int type_rank(const json_node& value) {
  switch (value.type) {
    case kind::null: return 0;
    case kind::number: return 1;
    case kind::string: return 2;
    case kind::object: return 3;
    case kind::array: return 4;
    case kind::boolean: return 5;
  }
  return 0;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  auto small_a = small_integer(a), small_b = small_integer(b);
  if (small_a && small_b) return *small_a <=> *small_b;
  return compare(parse_decimal(a), parse_decimal(b));
}

std::strong_ordering compare_values(const json_node& a, const json_node& b) {
  if (a.type != b.type) return type_rank(a) <=> type_rank(b);
  switch (a.type) {
    case kind::null: return std::strong_ordering::equal;
    case kind::number: return compare_numbers(a.text, b.text);
    case kind::object: return compare_objects(a, b);
    case kind::array: return compare_arrays(a, b);
    default: return a.text.compare(b.text) <=> 0;  // UTF-8 bytes are in the order of code points; "false" < "true"
  }
}

}  // namespace dbcord::protocol
