#include "database/table_indexes.hpp"

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {

std::string_view to_string(index_state state) {
  switch (state) {
    case index_state::building: return "building";
    case index_state::ready: return "ready";
    case index_state::failed: return "failed";
  }
  return "failed";
}

const secondary_index* table_indexes::on(std::string_view field) const {
  for (const auto& e : indexes_) {
    if (!e.owner && e.state == index_state::ready && e.rows.definition().field == field) return &e.rows;
  }
  return nullptr;
}

bool table_indexes::exists(std::string_view field) const {
  return std::any_of(indexes_.begin(), indexes_.end(),
                     [&](const entry& e) { return e.state != index_state::failed && e.rows.definition().field == field; });
}

bool table_indexes::contains(protocol::index_id id) const { return find(id) != nullptr; }

std::vector<protocol::create_index> table_indexes::definitions() const {
  std::vector<protocol::create_index> all;
  for (const auto& e : indexes_) {
    if (!e.owner && e.state == index_state::ready) all.push_back(e.rows.definition());
  }
  return all;
}

index_status table_indexes::status_of(const entry& e) { return {e.rows.definition(), e.state, e.why, e.rows.size()}; }

std::vector<index_status> table_indexes::all() const {
  std::vector<index_status> all;
  for (const auto& e : indexes_) {
    if (!e.owner) all.push_back(status_of(e));
  }
  return all;
}

std::optional<index_status> table_indexes::status(std::string_view field) const {
  std::optional<index_status> newest;
  for (const auto& e : indexes_) {
    if (!e.owner && e.rows.definition().field == field) newest = status_of(e);
  }
  return newest;
}

std::optional<protocol::create_index> table_indexes::first_building() const {
  for (const auto& e : indexes_) {
    if (!e.owner && e.state == index_state::building) return e.rows.definition();
  }
  return std::nullopt;
}

bool table_indexes::unfinished() const {
  return std::any_of(indexes_.begin(), indexes_.end(), [](const entry& e) { return e.owner || e.state == index_state::building; });
}

const secondary_index* table_indexes::being_built(protocol::index_id id) const {
  const auto* e = find(id);
  return e && !e->owner && e->state == index_state::building ? &e->rows : nullptr;
}

std::vector<std::string> table_indexes::fields() const {
  std::vector<std::string> all;
  for (const auto& e : indexes_) {
    if (e.state != index_state::failed) all.push_back(e.rows.definition().field);
  }
  return all;
}

const table_indexes::entry* table_indexes::find(protocol::index_id id) const {
  auto it = std::find_if(indexes_.begin(), indexes_.end(), [&](const entry& e) { return e.rows.definition().index == id; });
  return it == indexes_.end() ? nullptr : &*it;
}

void table_indexes::create(protocol::create_index definition, std::optional<ticket> owner) {
  last_id_ = std::max(last_id_, definition.index);
  auto state = definition.building ? index_state::building : index_state::ready;
  bool channel = definition.channel;
  indexes_.push_back({secondary_index(std::move(definition)), owner, {}, state, {}});
  if (channel) indexes_.back().rows.record();
}

std::vector<secondary_index*> table_indexes::shown() {
  std::vector<secondary_index*> all;
  for (auto& e : indexes_) {
    if (!e.owner && e.state == index_state::ready && e.rows.recorder()) all.push_back(&e.rows);
  }
  return all;
}

std::optional<ticket> table_indexes::channel_pending(protocol::index_id id) const {
  const auto* e = find(id);
  return e ? e->channel_owner : std::nullopt;
}

void table_indexes::set_channel_pending(protocol::index_id id, std::optional<ticket> owner) {
  if (auto* e = find(id)) e->channel_owner = owner;
}

void table_indexes::set_channel(protocol::index_id id, bool on) {
  auto* e = find(id);
  if (!e) return;
  e->channel_owner.reset();
  e->rows.record(on);
}

void table_indexes::publish(protocol::index_id id) {
  auto* e = find(id);
  if (!e) return;
  e->owner.reset();
  auto field = e->rows.definition().field;
  indexes_.remove_if([&](const entry& other) { return other.state == index_state::failed && other.rows.definition().field == field; });
}

void table_indexes::settle(protocol::index_id id, bool ready, std::string why) {
  auto* e = find(id);
  if (!e) return;
  e->state = ready ? index_state::ready : index_state::failed;
  if (ready) return;
  e->why = std::move(why);
  e->rows.clear();
  e->pending.clear();
}

void table_indexes::build_again(protocol::index_id id) {
  if (auto* e = find(id)) e->state = index_state::building;
}

void table_indexes::clear(protocol::index_id id) {
  if (auto* e = find(id)) e->rows.clear();
}

void table_indexes::drop(protocol::index_id id) {
  indexes_.remove_if([&](const entry& e) { return e.rows.definition().index == id; });
}

void table_indexes::rename(const std::function<std::string(const std::string& field)>& renamed) {
  for (auto& e : indexes_) e.rows.rename(renamed(e.rows.definition().field));
}

void table_indexes::add_row(const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) {
    if (e.state != index_state::failed) e.rows.add(key, row);
  }
}

void table_indexes::remove_row(const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) {
    if (e.state != index_state::failed) e.rows.remove(key, row);
  }
}

void table_indexes::complete_row(const std::string& key, const protocol::json_node& before, const protocol::json_node& row) {
  for (auto& e : indexes_) {
    if (e.state != index_state::ready) continue;
    e.rows.remove(key, before);
    e.rows.add(key, row);
  }
}

std::optional<table_indexes::overfull_index> table_indexes::find_overfull(const protocol::json_node& row) const {
  for (const auto& e : indexes_) {
    if (e.state == index_state::failed) continue;
    auto values = e.rows.count_values_of(row);
    if (values > max_indexed_values) return overfull_index{e.rows.definition().field, values, e.owner};
  }
  return std::nullopt;
}

std::uint64_t table_indexes::growth(const std::string& key, const protocol::json_node* before, const protocol::json_node& row) const {
  std::uint64_t bytes = 0;
  for (const auto& e : indexes_) {
    if (e.state == index_state::failed) continue;
    auto now = e.rows.memory_of(key, row);
    auto gone = before && !e.rows.definition().unique ? e.rows.memory_of(key, *before) : 0;
    bytes += now - std::min(now, gone);
  }
  return bytes;
}

void table_indexes::note_pending(entry& e, ticket owner, const std::string& key, const protocol::json_node& row) {
  if (!e.rows.definition().unique) return;
  for (auto& value : e.rows.unique_values_of(row)) e.pending.emplace(std::move(value), pending_value{owner, key});
}

void table_indexes::add_pending(ticket owner, const std::string& key, const protocol::json_node& row) {
  for (auto& e : indexes_) {
    if (e.state != index_state::failed) note_pending(e, owner, key, row);
  }
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
    if (!e.rows.definition().unique || e.state == index_state::failed) continue;
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
      auto held = std::lower_bound(now.values.begin(), now.values.end(), value, value_less{});
      if (held == now.values.end() || value_less{}(value, *held)) continue;
      return value_conflict{e.rows.definition().field, protocol::shown_value(*held), other, now.pending ? now.pending : e.owner};
    }
  }
  return std::nullopt;
}

// Writes are checked against what the index holds, so two rows share a value only if one of them was not in it yet.
std::optional<table_indexes::clash> table_indexes::find_clash(protocol::index_id id, const look& at) const {
  const auto* e = find(id);
  if (!e || !e->rows.definition().unique) return std::nullopt;
  std::optional<clash> unsettled;
  auto look_at = [&](const protocol::json_node& value) {
    auto found = clash_of(*e, value, at);
    if (found && !found->rests_on) return found;
    if (found) unsettled = std::move(found);
    return std::optional<clash>();
  };
  for (const auto& value : e->rows.shared()) {
    if (auto found = look_at(value)) return found;
  }
  for (auto it = e->pending.begin(); it != e->pending.end(); it = e->pending.upper_bound(it->first)) {
    if (auto found = look_at(it->first)) return found;
  }
  return unsettled;
}

std::optional<table_indexes::clash> table_indexes::clash_of(const entry& e, const protocol::json_node& value, const look& at) const {
  std::set<std::string> candidates;
  if (const auto* holders = e.rows.holders(value)) candidates.insert(holders->begin(), holders->end());
  auto [begin, end] = e.pending.equal_range(value);
  for (auto it = begin; it != end; ++it) candidates.insert(it->second.key);
  clash found{protocol::shown_value(value), {}, {}, {}};
  for (const auto& key : candidates) {
    auto now = at(key);
    auto values = now.row ? e.rows.unique_values_of(*now.row) : std::vector<protocol::json_node>();
    if (!std::binary_search(values.begin(), values.end(), value, value_less{})) continue;
    if (now.pending) found.rests_on = now.pending;
    if (found.first.empty()) {
      found.first = key;
      continue;
    }
    found.second = key;
    return found;
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
    if (!e.rows.definition().unique || e.state == index_state::failed) continue;
    const auto& taken = claimed[e.rows.definition().index];
    for (auto& value : e.rows.unique_values_of(row)) {
      auto it = taken.find(value);
      if (it != taken.end()) return value_conflict{e.rows.definition().field, protocol::shown_value(it->first), it->second, std::nullopt};
      all.push_back({e.rows.definition().index, std::move(value)});
    }
  }
  for (auto& w : all) claimed[w.index].emplace(std::move(w.value), key);
  return std::nullopt;
}

void table_indexes::disclaim(claimed_values& claimed, const std::string& key, const protocol::json_node& row) const {
  for (const auto& e : indexes_) {
    auto taken = claimed.find(e.rows.definition().index);
    if (taken == claimed.end()) continue;
    for (const auto& value : e.rows.unique_values_of(row)) {
      auto it = taken->second.find(value);
      if (it != taken->second.end() && it->second == key) taken->second.erase(it);
    }
  }
}

std::uint64_t table_indexes::memory() const {
  std::uint64_t bytes = 0;
  for (const auto& e : indexes_) bytes += e.rows.memory();
  return bytes;
}

}  // namespace dbcord::database
