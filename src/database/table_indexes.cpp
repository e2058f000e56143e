#include "database/table_indexes.hpp"

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {

const secondary_index* table_indexes::on(std::string_view field) const {
  for (const auto& e : indexes_) {
    if (!e.owner && e.rows.definition().field == field) return &e.rows;
  }
  return nullptr;
}

bool table_indexes::exists(std::string_view field) const {
  return std::any_of(indexes_.begin(), indexes_.end(), [&](const entry& e) { return e.rows.definition().field == field; });
}

std::vector<protocol::create_index> table_indexes::definitions() const {
  std::vector<protocol::create_index> all;
  for (const auto& e : indexes_) {
    if (!e.owner) all.push_back(e.rows.definition());
  }
  return all;
}

std::vector<std::string> table_indexes::fields() const {
  std::vector<std::string> all;
  for (const auto& e : indexes_) all.push_back(e.rows.definition().field);
  return all;
}

table_indexes::entry* table_indexes::find(protocol::index_id id) {
  auto it = std::find_if(indexes_.begin(), indexes_.end(), [&](const entry& e) { return e.rows.definition().index == id; });
  return it == indexes_.end() ? nullptr : &*it;
}

void table_indexes::create(protocol::create_index definition, std::optional<ticket> owner) {
  last_id_ = std::max(last_id_, definition.index);
  indexes_.push_back({secondary_index(std::move(definition)), owner, {}});
}

void table_indexes::publish(protocol::index_id id) {
  if (auto* e = find(id)) e->owner.reset();
}

void table_indexes::drop(protocol::index_id id) {
  indexes_.remove_if([&](const entry& e) { return e.rows.definition().index == id; });
}

void table_indexes::add_row(const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) e.rows.add(key, row);
}

void table_indexes::remove_row(const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) e.rows.remove(key, row);
}

void table_indexes::note_pending(entry& e, ticket owner, const std::string& key, const protocol::json_node& row) {
  if (!e.rows.definition().unique) return;
  for (auto& value : e.rows.unique_values_of(row)) e.pending.emplace(std::move(value), pending_value{owner, key});
}

void table_indexes::add_pending(ticket owner, const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) note_pending(e, owner, key, row);
}

void table_indexes::drop_pending(ticket owner, const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) {
    if (!e.rows.definition().unique) continue;
    for (const auto& value : e.rows.unique_values_of(row)) {
      auto [it, end] = e.pending.equal_range(value);
      while (it != end) it = it->second.owner == owner && it->second.key == key ? e.pending.erase(it) : std::next(it);
    }
  }
}

void table_indexes::add_row_to(protocol::index_id id, const std::string& key, const protocol::json_node& row) {
  if (auto* e = find(id)) e->rows.add(key, row);
}

void table_indexes::add_pending_to(protocol::index_id id, ticket owner, const std::string& key, const protocol::json_node& row) {
  if (auto* e = find(id)) note_pending(*e, owner, key, row);
}

std::optional<value_conflict> table_indexes::conflict(const std::string& key, const protocol::json_node& row, const look& at) const {
  for (const auto& e : indexes_) {
    if (!e.rows.definition().unique) continue;
    if (auto found = conflict_in(e, key, row, at)) return found;
  }
  return std::nullopt;
}

std::optional<value_conflict> table_indexes::conflict_in(const entry& e, const std::string& key, const protocol::json_node& row,
                                                         const look& at) const {
  struct other_row {
    std::vector<protocol::json_node> values;  // in their order
    std::optional<ticket> pending;
  };
  std::map<std::string, other_row> others;  // each is parsed once, however many values it shares
  auto look_up = [&](const std::string& other) -> const other_row& {
    auto [it, is_new] = others.try_emplace(other);
    if (!is_new) return it->second;
    auto now = at(other);
    it->second.pending = now.pending;
    if (now.row) it->second.values = e.rows.unique_values_of(*now.row);
    return it->second;
  };
  for (const auto& value : e.rows.unique_values_of(row)) {
    std::set<std::string> candidates;
    if (const auto* holders = e.rows.holders(value)) candidates.insert(holders->begin(), holders->end());
    auto [begin, end] = e.pending.equal_range(value);
    if (base::has_bug(base::deliberate_bug::skip_unique_check_of_pending)) begin = end;
    for (auto it = begin; it != end; ++it) candidates.insert(it->second.key);
    for (const auto& other : candidates) {
      if (other == key) continue;
      const auto& now = look_up(other);
      bool holds = std::binary_search(now.values.begin(), now.values.end(), value, value_less{});
      if (holds) return value_conflict{e.rows.definition().field, protocol::shown_value(value), other, now.pending ? now.pending : e.owner};
    }
  }
  return std::nullopt;
}

std::optional<value_conflict> table_indexes::claim(claimed_values& claimed, const std::string& key, const protocol::json_node& row) const {
  struct wanted {
    protocol::index_id index;
    protocol::json_node value;
  };
  std::vector<wanted> all;
  for (const auto& e : indexes_) {
    if (!e.rows.definition().unique) continue;
    const auto& taken = claimed[e.rows.definition().index];
    for (auto& value : e.rows.unique_values_of(row)) {
      auto it = taken.find(value);
      if (it != taken.end()) return value_conflict{e.rows.definition().field, protocol::shown_value(value), it->second, std::nullopt};
      all.push_back({e.rows.definition().index, std::move(value)});
    }
  }
  for (auto& w : all) claimed[w.index].emplace(std::move(w.value), key);
  return std::nullopt;
}

std::uint64_t table_indexes::memory() const {
  std::uint64_t bytes = 0;
  for (const auto& e : indexes_) bytes += e.rows.memory();
  return bytes;
}

}  // namespace dbcord::database
