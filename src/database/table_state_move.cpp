// The part of table_state that is about a table that moves into a fresh channel: from which moment on, and what still lies in the channel before, in
// pages that are given up, or in the log.

#include <fmt/format.h>

#include <algorithm>

#include "database/table_state.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t rows_a_look = 20'000;  // a few milliseconds
constexpr std::size_t rows_of_pages = 20'000;
constexpr std::size_t single_rows = 50;

}  // namespace

decision table_state::decide_move(base::channel_id fresh, bool current_is_gone) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  bool begins_anew = channels_.retiring && current_is_gone;
  if (pending_move_ || (channels_.retiring && !begins_anew)) {
    base::error why(errc::already_exists, fmt::format("table {} moves into another channel already", definition_.name));
    return {std::nullopt, std::move(why), pending_move_ ? std::optional(pending_move_->owner) : std::nullopt};
  }
  DBCORD_ASSERT(fresh != channels_.current);  // it would be deleted with all rows
  auto before = begins_anew ? channels_.retiring : channels_.current;
  auto last = begins_anew ? channels_.last : std::max(newest_message_, garbage_.newest());
  return {protocol::move_table{definition_.table, fresh, before, last}, std::nullopt, std::nullopt};
}

// All places in the channel before that are known now are up to `last`: what turned up since the decision counts only if it is, too. What is said to lie in
// another one lies nowhere: that channel is gone, or the record that says so was lost.
void table_state::move_to(const protocol::move_table& move) {
  pending_move_.reset();
  if (dropped_) return;
  auto before = move.before ? move.before : channels_.current;
  bool drained = channels_.drained && before == channels_.retiring;
  for (auto channel : channels_.all()) {
    if (channel != before) forget_what_lies_in(channel);
  }
  channels_ = {move.channel, before, move.last, drained};
  definition_.channel = move.channel;
}

void table_state::forget_what_lies_in(base::channel_id channel) {
  auto gone = channels_.range_of(channel);
  bool only_garbage = channel == channels_.retiring && channels_.drained;
  if (!only_garbage) {
    rows_.forget_places(gone, [this](std::string_view key) { rows_.set_dirty(key); });
    history_.forget_messages_in(gone);
  }
  garbage_.forget(gone);
}

table_state::drain_slice table_state::drain_rows(const leaving_places& from, std::string_view after, std::size_t page_from) {
  drain_slice slice;
  if (from.is_channel() && !channels_.retiring) {
    slice.ended = true;
    return slice;
  }
  auto most = wants_page(rows_of_pages, page_from) ? rows_of_pages : single_rows;
  auto it = rows_.upper_bound(after);
  for (std::size_t looked = 0; it != rows_.end() && looked < rows_a_look && slice.keys.size() < most; ++it, ++looked) {
    slice.last = it.key();
    if (lies_in(from, it.row().row_message)) slice.keys.push_back(slice.last);
  }
  slice.ended = it == rows_.end();
  for (const auto& key : slice.keys) rows_.set_dirty(key);
  return slice;
}

table_state::left_behind table_state::left_behind_of(const leaving_places& from, const std::vector<std::string>& keys) const {
  left_behind left;
  for (const auto& key : keys) {
    auto row = rows_.find(key);
    if (row && lies_in(from, row->row_message)) ++(rows_.is_dirty(key) ? left.waiting : left.refused);
  }
  return left;
}

table_state::leaving_versions table_state::versions_to_drain(const leaving_places& from, std::string_view after, std::size_t most,
                                                            const std::set<version_id>& refused) const {
  leaving_versions found;
  found.ended = true;
  if (pending_move_) return found;  // what is written now may not count
  std::size_t looked = 0;
  history_.each_behind(after, [&](const std::string& key, const std::vector<past_version>& versions) {
    if (looked >= rows_a_look || found.versions.size() >= most) {
      found.ended = false;
      return false;
    }
    looked += versions.size();
    found.last = key;
    auto lies_there = [&](const past_version& v) { return lies_in(from, v) && !refused.contains({key, v.version, v.lsn}); };
    auto first = std::find_if(versions.begin(), versions.end(), lies_there);
    if (first != versions.end()) found.versions.emplace_back(key, *first);
    return true;
  });
  return found;
}

table_state::leaving_count table_state::count_leaving(const leaving_places& from) const {
  leaving_count count;
  if (from.is_channel() && !channels_.retiring) return count;
  if (from.log_before == 0) {
    for (const auto& [key, row] : rows_) count.rows += lies_in(from, row.row_message) ? 1 : 0;
  }
  history_.each_behind({}, [&](const std::string&, const std::vector<past_version>& versions) {
    for (const auto& v : versions) count.versions += lies_in(from, v) ? 1 : 0;
    return true;
  });
  return count;
}

bool table_state::forget_retired(base::channel_id channel) {
  if (!channels_.retiring || channels_.retiring != channel) return false;
  forget_what_lies_in(channel);
  channels_ = {channels_.current, {}, {}, false};
  return true;
}

}  // namespace dbcord::database
