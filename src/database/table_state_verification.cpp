// The part of table_state that tells verification where everything should lie, and what a message is that was found.

#include <algorithm>

#include "database/record_order.hpp"
#include "database/table_state.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {

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
