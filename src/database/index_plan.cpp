#include "database/index_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/key_plan.hpp"
#include "database/table_state.hpp"

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

bool add_values(keys& out, const secondary_index& index, const protocol::field_condition& c, std::size_t at_most) {
  auto add_value = [&](const json_node& value) {
    const auto* holders = index.holders(value);
    return !holders || add(out, *holders, at_most);
  };
  if (c.how == comparison::eq) return add_value(c.operand);
  return std::all_of(c.operand.items.begin(), c.operand.items.end(), add_value);
}

bool is_from_below(comparison how) { return how == comparison::gt || how == comparison::gte || how == comparison::prefix; }

using conditions = std::vector<const protocol::field_condition*>;

// Values of one type lie together in the order of values. `bounds`: at least one; all of them hold for what is added.
bool add_range(keys& out, const secondary_index& index, const conditions& bounds, std::size_t at_most) {
  auto type = bounds.front()->operand.type;
  const json_node *low = nullptr, *high = nullptr;
  for (const auto* c : bounds) {
    if (c->operand.type != type) return true;  // no value is of two types
    auto& bound = is_from_below(c->how) ? low : high;
    bool closer = bound && (protocol::compare_values(c->operand, *bound) > 0) == is_from_below(c->how);
    if (!bound || closer) bound = &c->operand;
  }
  if (low && high && protocol::compare_values(*low, *high) > 0) return true;
  auto holds = [&](const json_node& value) {
    return std::all_of(bounds.begin(), bounds.end(), [&](const auto* c) { return protocol::holds_for(*c, value); });
  };
  const auto& entries = index.all();
  if (!low) {
    auto it = entries.upper_bound(*high);
    while (it != entries.begin()) {
      --it;
      if (it->first.type != type) break;
      if (holds(it->first) && !add(out, it->second, at_most)) return false;
    }
    return true;
  }
  auto prefix = std::find_if(bounds.begin(), bounds.end(), [](const auto* c) { return c->how == comparison::prefix; });
  for (auto it = entries.lower_bound(*low); it != entries.end() && it->first.type == type; ++it) {
    if (high && protocol::compare_values(it->first, *high) > 0) break;
    if (prefix != bounds.end() && !it->first.text.starts_with((*prefix)->operand.text)) break;
    if (holds(it->first) && !add(out, it->second, at_most)) return false;
  }
  return true;
}

void sort_each_once(keys& out) {
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

std::optional<keys> keys_for(const secondary_index& index, const conditions& demands, std::size_t at_most) {
  keys out;
  const auto& c = *demands.front();
  bool few = is_range(c.how) ? add_range(out, index, demands, at_most) : add_values(out, index, c, at_most);
  if (!few) return std::nullopt;
  sort_each_once(out);
  return out;
}

void improve(std::optional<index_plan>& best, std::optional<index_plan> other) {
  if (other && (!best || other->keys.size() < best->keys.size())) best = std::move(other);
}

// What one index answers at a time: each demand alone, or all bounds on a field.
std::vector<conditions> demands_of(const protocol::predicate& where, const table_indexes& indexes) {
  std::vector<conditions> all;
  for (const auto* c : where.demanded()) {
    const auto* index = is_answered_by_index(*c) ? indexes.on(c->path) : nullptr;
    if (!index) continue;
    bool joins = is_range(c->how) && !index->has_lists();
    auto same = std::find_if(all.begin(), all.end(), [&](const auto& others) {
      return joins && others.front()->path == c->path && is_range(others.front()->how);
    });
    if (same == all.end()) same = all.insert(all.end(), conditions{});
    same->push_back(c);
  }
  return all;
}

// By the primary key, of one branch: what it names, or what lies within its bounds.
std::optional<index_plan> plan_by_keys(const protocol::predicate& where, const table_state& table, std::size_t at_most) {
  auto plan = plan_keys(where, table.definition().primary_key);
  index_plan by_keys;
  by_keys.name = plan.text();
  if (plan.is_range()) {
    each_in_range(plan, table.rows(), [&](std::string_view key, const stored_row&) {
      if (by_keys.keys.size() <= at_most) by_keys.keys.push_back(key);
    });
    return by_keys.keys.size() <= at_most ? std::optional(std::move(by_keys)) : std::nullopt;
  }
  if (!plan.keys) return std::nullopt;
  for (const auto& key : *plan.keys) {
    auto row = table.rows().lower_bound(key);
    if (row != table.rows().end() && row.key() == key) by_keys.keys.push_back(row.key());
  }
  return by_keys;
}

std::optional<index_plan> plan_branches(const protocol::predicate& any_of, const table_state& table, std::size_t at_most) {
  index_plan all;
  std::vector<std::string> names;
  for (const auto& branch : any_of.parts()) {
    auto one = plan_by_keys(branch, table, at_most);
    improve(one, plan_by_index(branch, table, at_most));
    if (!one) return std::nullopt;
    all.keys.insert(all.keys.end(), one->keys.begin(), one->keys.end());
    if (all.keys.size() > 2 * at_most) sort_each_once(all.keys);
    if (all.keys.size() > at_most) return std::nullopt;
    if (std::find(names.begin(), names.end(), one->name) == names.end()) names.push_back(std::move(one->name));
  }
  sort_each_once(all.keys);
  all.name = names.size() == 1 ? names.front() : fmt::format("union of {}", fmt::join(names, " and "));
  return all;
}

// Of the top conjunction.
void improve_by_branches(std::optional<index_plan>& best, const protocol::predicate& where, const table_state& table, std::size_t at_most) {
  using junction = protocol::predicate::junction;
  if (where.kind() == junction::any_of) {
    improve(best, plan_branches(where, table, best ? best->keys.size() : at_most));
  }
  if (where.kind() != junction::all_of) return;
  for (const auto& part : where.parts()) improve_by_branches(best, part, table, at_most);
}

}  // namespace

// Rows without the field are in no index, and null is equal to a missing field: such a demand cannot be answered here.
bool is_answered_by_index(const protocol::field_condition& c) {
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

std::optional<index_plan> plan_by_index(const protocol::predicate& where, const table_state& table, std::size_t at_most) {
  std::optional<index_plan> best;
  auto demanded = demands_in(where);
  for (const auto& demands : demands_of(where, table.indexes())) {
    const auto& field = demands.front()->path;
    const auto& index = *table.indexes().on(field);
    auto keys = keys_for(index, demands, best ? best->keys.size() : at_most);
    if (!keys) continue;
    auto name = fmt::format("{}index on {}", index.definition().unique ? "unique " : "", field);
    improve(best, index_plan{std::move(name), std::move(*keys), demands.size() == demanded});
  }
  improve_by_branches(best, where, table, at_most);
  return best;
}

}  // namespace dbcord::database
