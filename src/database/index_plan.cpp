#include "database/index_plan.hpp"

#include <algorithm>

namespace dbcord::database {
namespace {

using protocol::comparison;
using protocol::json_node;
using kind = json_node::kind;
using keys = std::vector<std::string_view>;

bool add(keys& out, const secondary_index::keys& holders, std::size_t at_most) {
  out.insert(out.end(), holders.begin(), holders.end());
  return out.size() <= at_most;
}

bool is_null(const json_node& value) { return value.type == kind::null; }

// Rows without the field are in no index, and null is equal to a missing field: such a demand cannot be answered here.
bool answers(const protocol::field_condition& c) {
  switch (c.how) {
    case comparison::eq: return !is_null(c.operand);
    case comparison::in: return std::none_of(c.operand.items.begin(), c.operand.items.end(), is_null);
    case comparison::gt:
    case comparison::gte:
    case comparison::lt:
    case comparison::lte:
    case comparison::prefix: return true;
    case comparison::contains:
    case comparison::exists: return false;
  }
  return false;
}

bool add_values(keys& out, const secondary_index& index, const protocol::field_condition& c, std::size_t at_most) {
  auto add_value = [&](const json_node& value) {
    const auto* holders = index.holders(value);
    return !holders || add(out, *holders, at_most);
  };
  if (c.how == comparison::eq) return add_value(c.operand);
  return std::all_of(c.operand.items.begin(), c.operand.items.end(), add_value);
}

// Values of one type lie together in the order of values.
bool add_range(keys& out, const secondary_index& index, const protocol::field_condition& c, std::size_t at_most) {
  bool upwards = c.how == comparison::gt || c.how == comparison::gte || c.how == comparison::prefix;
  const auto& entries = index.all();
  auto it = entries.lower_bound(c.operand);
  if (upwards) {
    for (; it != entries.end() && it->first.type == c.operand.type; ++it) {
      if (c.how == comparison::prefix && !it->first.text.starts_with(c.operand.text)) break;
      if (protocol::holds_for(c, it->first) && !add(out, it->second, at_most)) return false;
    }
    return true;
  }
  if (it != entries.end() && protocol::compare_values(it->first, c.operand) == 0) ++it;
  while (it != entries.begin()) {
    --it;
    if (it->first.type != c.operand.type) break;
    if (protocol::holds_for(c, it->first) && !add(out, it->second, at_most)) return false;
  }
  return true;
}

std::optional<keys> keys_for(const secondary_index& index, const protocol::field_condition& c, std::size_t at_most) {
  keys out;
  bool exact = c.how == comparison::eq || c.how == comparison::in;
  bool few = exact ? add_values(out, index, c, at_most) : add_range(out, index, c, at_most);
  if (!few) return std::nullopt;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

std::optional<index_plan> plan_by_index(const protocol::predicate& where, const table_indexes& indexes, std::size_t at_most) {
  std::optional<index_plan> best;
  for (const auto* c : where.demanded()) {
    const auto* index = answers(*c) ? indexes.on(c->path) : nullptr;
    if (!index) continue;
    auto keys = keys_for(*index, *c, best ? best->keys.size() : at_most);
    if (keys && (!best || keys->size() < best->keys.size())) best = {c->path, index->definition().unique, std::move(*keys)};
  }
  return best;
}

}  // namespace dbcord::database
