#include "database/secondary_index.hpp"

#include "protocol/field_path.hpp"

namespace dbcord::database {
namespace {

using protocol::json_node;

// Of the map and set nodes with key and value, and of the allocator's rounding.
constexpr std::uint64_t entry_overhead = 200;

// Of what hangs below the node.
std::uint64_t memory_below(const json_node& node) {
  std::uint64_t bytes = node.text.size();
  for (const auto& item : node.items) bytes += sizeof(json_node) + memory_below(item);
  for (const auto& [name, value] : node.members) bytes += sizeof(json_node::member) + name.size() + memory_below(value);
  return bytes;
}

std::uint64_t entry_size(const std::string& key, const json_node& value) { return entry_overhead + key.size() + memory_below(value); }

}  // namespace

std::vector<json_node> secondary_index::values_of(const json_node& row) const {
  std::set<json_node, value_less> values;
  auto take = [&](const json_node& value) {
    if (value.type != json_node::kind::null) values.insert(value);
  };
  protocol::any_at_path(row, definition_.field, [&](const json_node& value) {
    take(value);
    if (value.type == json_node::kind::array) {
      for (const auto& item : value.items) take(item);
    }
    return false;
  });
  return {values.begin(), values.end()};
}

std::vector<json_node> secondary_index::unique_values_of(const json_node& row) const {
  auto values = values_of(row);
  std::erase_if(values, [](const json_node& v) { return v.type == json_node::kind::array && v.items.empty(); });
  return values;
}

void secondary_index::add(const std::string& key, const json_node& row) {
  for (auto& value : values_of(row)) {
    if (!entries_[value].insert(key).second) continue;
    ++size_;
    memory_ += entry_size(key, value);
  }
}

void secondary_index::remove(const std::string& key, const json_node& row) {
  for (const auto& value : values_of(row)) {
    auto it = entries_.find(value);
    if (it == entries_.end() || it->second.erase(key) == 0) continue;
    --size_;
    memory_ -= entry_size(key, value);
    if (it->second.empty()) entries_.erase(it);
  }
}

const secondary_index::keys* secondary_index::holders(const json_node& value) const {
  auto it = entries_.find(value);
  return it == entries_.end() ? nullptr : &it->second;
}

}  // namespace dbcord::database
