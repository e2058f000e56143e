// The part of table_state that tells verification where everything should lie, and what a message is that was found.

#include <fmt/format.h>

#include <algorithm>

#include "database/record_order.hpp"
#include "database/table_state.hpp"
#include "protocol/log_record.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {

std::string sentence_of(const index_clashes& clashes, std::string_view table) {
  constexpr std::size_t shown = 3;
  std::string examples;
  for (std::size_t i = 0; i < std::min(shown, clashes.examples.size()); ++i) {
    const auto& c = clashes.examples[i];
    examples += fmt::format("{}rows \"{}\" and \"{}\" have {}", i == 0 ? "" : "; ", c.first.key, c.second.key, c.value);
  }
  if (clashes.values > shown) examples += fmt::format("; and {} more", clashes.values - shown);
  return fmt::format("{} of the unique index on {} of table {} {} in several rows ({})", clashes.values == 1 ? "1 value" : fmt::format("{} values", clashes.values),
                     clashes.index.field, table, clashes.values == 1 ? "stands" : "stand", examples);
}

std::vector<row_place> table_state::places() const {
  std::vector<row_place> all;
  all.reserve(rows_.size() + history_.size());
  for (const auto& [key, row] : rows_) all.push_back({std::string(key), row.version, row.lsn, row.log_message, row.row_message, row.part, true, false});
  history_.each_behind({}, [&](const std::string& key, const std::vector<past_version>& versions) {
    for (const auto& v : versions) {
      if (!v.deleted) all.push_back({key, v.version, v.lsn, v.log_message, v.row_message, v.part, false, v.lost});
    }
    return true;
  });
  return all;
}

std::uint64_t table_state::count_places() const {
  std::uint64_t n = rows_.size();
  history_.each_behind({}, [&n](const std::string&, const std::vector<past_version>& versions) {
    n += static_cast<std::uint64_t>(std::count_if(versions.begin(), versions.end(), [](const past_version& v) { return !v.deleted; }));
    return true;
  });
  return n;
}

place_state table_state::state_of(const row_place& place) const {
  auto is_it = [&](const auto& v) { return v.version == place.version && v.lsn == place.lsn && v.row_message == place.row_message && v.part == place.part; };
  if (place.live) {
    auto row = rows_.find(place.key);
    if (!row || !is_it(*row)) return {};
    return {true, row->resident ? protocol::record_hash(row->json) : std::string()};
  }
  const auto* past = history_.of(place.key);
  return {past && std::any_of(past->begin(), past->end(), [&](const past_version& v) { return !v.deleted && is_it(v); }), {}};
}

// Whether materialised() would make it a place. A row that is being written anew may get one; so may a version whose place is being left.
bool table_state::may_be_placed(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message) const {
  auto row = rows_.find(key);
  if (row && row->lsn == lsn && row->version == version && !is_of_another_record(row->log_message, message)) return needs_place(key, *row, message);
  const auto* past = history_.of(key);
  if (!past) return false;
  return std::any_of(past->begin(), past->end(), [&](const past_version& v) {
    if (v.lsn != lsn || v.version != version || v.deleted || is_of_another_record(v.log_message, message)) return false;
    return !v.row_message || (leaves(v.row_message) && !leaves(message));
  });
}

std::optional<awaited_file> table_state::file_awaited_of(const row_copy& copy) const {
  auto row = rows_.find(copy.key);
  bool lies_there = row && row->row_message == copy.message;
  if (lies_there || !may_be_placed(copy.key, copy.version, copy.lsn, copy.message)) return std::nullopt;
  if (row && row->lsn == copy.lsn && row->version == copy.version) return awaited_file{row->json_size};
  return awaited_file{};
}

message_standing table_state::standing_of(base::channel_id channel, const row_copy& copy) const {
  using role = message_standing::role;
  auto row = rows_.find(copy.key);
  if (row && row->row_message == copy.message && row->part == 0) {
    return {role::live, {}, true, row->resident && row->lsn == copy.lsn ? protocol::record_hash(row->json) : std::string()};
  }
  if (const auto* past = history_.of(copy.key)) {
    auto lies_there = [&](const past_version& v) { return v.row_message == copy.message && v.part == 0; };
    if (std::any_of(past->begin(), past->end(), lies_there)) return {role::older, {}, true, {}};
  }
  if (!channels_.counts(channel, copy.message)) return {channel == channels_.current ? role::unsettled : role::left_behind, {}, true, {}};
  if (channels_.retires(copy.message)) return {role::left_behind, {}, true, {}};
  if (auto kind = garbage_.kind_of(copy.message)) return {role::garbage, *kind, true, {}};
  if (pending_move_ || may_be_placed(copy.key, copy.version, copy.lsn, copy.message)) return {role::unsettled, {}, true, {}};
  return {role::garbage, kind_of_copy(copy.key, copy.version, copy.lsn, copy.message), false, {}};
}

// Of one that has failed nothing is kept, so it is made up from the rows. What an index holds and its rows do not is another matter (damaged_indexes).
std::vector<index_clashes> table_state::clashing_indexes() const {
  std::vector<index_clashes> all;
  auto look = [&](const secondary_index& in, index_state state) {
    index_clashes found{in.definition(), state == index_state::failed, state == index_state::building, 0, {}};
    for (const auto& value : in.shared()) {
      std::vector<index_clashes::holder> holders;
      for (const auto& key : *in.holders(value)) {
        auto row = rows_.find(key);
        auto values = row ? in.unique_values_of(indexed(row->indexed_fields())) : std::vector<protocol::json_node>();
        if (std::binary_search(values.begin(), values.end(), value, value_less{})) holders.push_back({key, row->row_message});
        if (holders.size() == 2) break;
      }
      if (holders.size() < 2) continue;
      ++found.values;
      if (found.examples.size() < index_clashes::most_examples) found.examples.push_back({protocol::shown_value(value), holders[0], holders[1]});
    }
    if (found.values > 0) all.push_back(std::move(found));
  };
  for (const auto& index : indexes_.all()) {
    if (!index.definition.unique) continue;
    if (index.state == index_state::failed) {
      secondary_index made_up(index.definition);
      for (const auto& [key, row] : rows_) made_up.add(std::string(key), indexed(row.indexed_fields()));
      look(made_up, index.state);
      continue;
    }
    const auto* held = index.state == index_state::ready ? indexes_.on(index.definition.field) : indexes_.being_built(index.definition.index);
    if (held) look(*held, index.state);
  }
  return all;
}

message_standing table_state::standing_of_page(base::channel_id channel, base::message_id page, const std::vector<page_place>& rows) const {
  using role = message_standing::role;
  if (garbage_.pages().contains(page)) return {role::live, {}, true, {}};
  if (!channels_.counts(channel, page)) return {channel == channels_.current ? role::unsettled : role::left_behind, {}, true, {}};
  if (channels_.retires(page)) return {role::left_behind, {}, true, {}};
  if (auto kind = garbage_.kind_of(page)) return {role::garbage, *kind, true, {}};
  auto may_lie_there = [&](const page_place& row) { return may_be_placed(row.key, row.version, row.lsn, page); };
  if (pending_move_ || rows.empty() || std::any_of(rows.begin(), rows.end(), may_lie_there)) return {role::unsettled, {}, true, {}};
  return {role::garbage, kind_of_page(page, rows), false, {}};
}

}  // namespace dbcord::database
