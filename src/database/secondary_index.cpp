#include "database/secondary_index.hpp"

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "protocol/field_path.hpp"
#include "protocol/value_order.hpp"

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

// No value, however many rows have it.
bool is_empty_list(const json_node& value) { return value.type == json_node::kind::array && value.items.empty(); }

bool is_zero(const json_node& value) { return value.type == json_node::kind::number && value.text == "0"; }

// Each but null, which is as good as missing.
template <class Take>
void each_value(const json_node& row, const std::string& field, Take take) {
  auto take_one = [&](const json_node& value) {
    if (value.type != json_node::kind::null) take(value);
  };
  protocol::any_at_path(row, field, [&](const json_node& value) {
    take_one(value);
    if (value.type == json_node::kind::array) {
      for (const auto& item : value.items) take_one(item);
    }
    return false;
  });
}

}  // namespace

std::vector<const json_node*> secondary_index::find_values(const json_node& row) const {
  std::vector<const json_node*> values;
  each_value(row, definition_.field, [&](const json_node& value) { values.push_back(&value); });
  if (values.size() < 2) return values;
  std::stable_sort(values.begin(), values.end(), [](const auto* a, const auto* b) { return value_less{}(*a, *b); });
  auto alike = [](const auto* a, const auto* b) { return protocol::compare_values(*a, *b) == 0; };
  values.erase(std::unique(values.begin(), values.end(), alike), values.end());
  return values;
}

std::vector<json_node> secondary_index::values_of(const json_node& row) const {
  std::vector<json_node> values;
  for (const auto* value : find_values(row)) values.push_back(*value);
  return values;
}

std::size_t secondary_index::count_values_of(const json_node& row) const {
  std::size_t count = 0;
  each_value(row, definition_.field, [&](const json_node&) { ++count; });
  return count;
}

std::uint64_t secondary_index::memory_of(const std::string& key, const json_node& row) const {
  std::uint64_t bytes = 0;
  for (const auto* value : find_values(row)) bytes += entry_size(key, *value);
  return bytes;
}

std::uint64_t secondary_index::memory_lacking_of(const std::string& key, const json_node& row) const {
  std::uint64_t bytes = 0;
  for (const auto* value : find_values(row)) {
    const auto* has = holders(*value);
    if (!has || !has->contains(key)) bytes += entry_size(key, *value);
  }
  return bytes;
}

std::vector<json_node> secondary_index::unique_values_of(const json_node& row) const {
  auto values = values_of(row);
  std::erase_if(values, is_empty_list);
  if (base::has_bug(base::deliberate_bug::zero_is_no_value)) std::erase_if(values, is_zero);
  return values;
}

void secondary_index::add(const std::string& key, const json_node& row) {
  auto values = find_values(row);
  has_lists_ = has_lists_ || values.size() > 1;
  for (const auto* one : values) {
    const auto& value = *one;
    auto it = entries_.try_emplace(value).first;
    auto& holders = it->second;
    if (!holders.insert(key).second) continue;
    if (recorder_) recorder_->added(it->first, key);  // as it stands here: of 1 and 1.0 the one that came first
    if (definition_.unique && holders.size() == 2 && !is_empty_list(value)) shared_.insert(value);
    ++size_;
    memory_ += entry_size(key, value);
  }
}

void secondary_index::remove(const std::string& key, const json_node& row) {
  for (const auto* one : find_values(row)) {
    const auto& value = *one;
    auto it = entries_.find(value);
    if (it == entries_.end() || it->second.erase(key) == 0) continue;
    if (recorder_) recorder_->removed(it->first, key);
    --size_;
    memory_ -= entry_size(key, value);
    if (it->second.size() == 1) shared_.erase(value);
    if (it->second.empty()) entries_.erase(it);
  }
}

void secondary_index::clear() {
  entries_.clear();
  shared_.clear();
  size_ = memory_ = 0;
  has_lists_ = false;
  if (recorder_) recorder_->cleared();
}

void secondary_index::record(bool on) {
  definition_.channel = on;
  if (!on) recorder_.reset();
  if (!on || recorder_) return;
  recorder_.emplace();
  if (size_ > 0) recorder_->begin_unread();
}

std::vector<std::string> secondary_index::read_on(std::size_t bytes) {
  std::vector<std::string> lines;
  const auto& at = recorder_->at();
  auto value = at ? entries_.lower_bound(at->value) : entries_.begin();
  bool within = at && value != entries_.end() && protocol::compare_values(value->first, at->value) == 0;
  auto key = within ? value->second.upper_bound(at->key) : keys::const_iterator();
  auto last_value = value;
  auto last_key = key;
  for (std::size_t taken = 0; value != entries_.end() && taken < bytes;) {
    if (!within) key = value->second.begin();
    within = key != value->second.end();
    if (!within) {
      ++value;
      continue;
    }
    lines.push_back(protocol::index_entry(value->first, *key));
    recorder_->saw(value->first, *key);
    taken += lines.back().size() + 1;
    last_value = value;
    last_key = key++;
  }
  if (lines.empty()) {
    recorder_->end_reading();
  } else {
    recorder_->read_to({last_value->first, *last_key});
  }
  return lines;
}

const secondary_index::keys* secondary_index::holders(const json_node& value) const {
  auto it = entries_.find(value);
  return it == entries_.end() ? nullptr : &it->second;
}

}  // namespace dbcord::database
