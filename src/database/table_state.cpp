#include "database/table_state.hpp"

#include <fmt/format.h>

#include "base/deliberate_bug.hpp"
#include "database/record_order.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/merge_patch.hpp"

namespace dbcord::database {
namespace {

const std::string* key_of(const protocol::operation& op, protocol::table_id table) {
  if (const auto* put = std::get_if<protocol::put_row>(&op)) return put->table == table ? &put->key : nullptr;
  if (const auto* del = std::get_if<protocol::delete_row>(&op)) return del->table == table ? &del->key : nullptr;
  return nullptr;
}

bool is_about(const protocol::operation& op, protocol::table_id table) {
  return std::visit([&](const auto& o) { return o.table == table; }, op);
}

}  // namespace

protocol::json_node table_state::parsed(std::string_view json) {
  auto row = protocol::parse_json(json);
  DBCORD_ASSERT(row.has_value());  // what is stored was parsed and written before
  return std::move(*row);
}

table_state::effective table_state::effective_row(std::string_view key) const {
  effective e;
  if (auto row = rows_.find(key)) {
    e = {true, row->version, row->indexed_fields(), !row->resident, std::nullopt};
  } else {
    e.version = history_.last_version(key);  // numbers go on behind a deletion, so that whoever expects an older one is refused
  }
  if (auto it = pending_.find(key); it != pending_.end()) {
    const auto& last = it->second.back();
    e = {last.json.has_value(), last.version, last.json ? std::string_view(*last.json) : std::string_view(), false, last.owner};
  }
  return e;
}

base::error table_state::unknown_key(const std::string& key) const {
  return {errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\"", definition_.name, database_, key)};
}

decision table_state::decide_insert(std::string key, std::string json, claimed_values* claimed, std::size_t row_cap) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(key);
  if (now.exists) {
    return {std::nullopt,
            base::error(errc::duplicate_key, fmt::format("table {} of database {} has a row with key \"{}\" already; use "
                                                         "/dbc_update to change it",
                                                         definition_.name, database_, key)),
            now.pending};
  }
  return decide_row(now, std::move(key), std::move(json), claimed, row_cap);
}

decision table_state::decide_put(std::string key, std::string json, claimed_values* claimed, std::size_t row_cap) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(key);
  return decide_row(now, std::move(key), std::move(json), claimed, row_cap);
}

// What it claims it claims last: a row that is refused has claimed nothing.
decision table_state::decide_row(const effective& now, std::string key, std::string json, claimed_values* claimed, std::size_t row_cap) const {
  if (alteration_) {
    auto row = parsed(json);
    if (alteration_->apply(row)) {
      auto altered = protocol::to_json(row);
      auto refused = refusal_of_new_form(key, altered, row_cap);
      return refused ? std::move(*refused) : decide_row(now, std::move(key), std::move(altered), claimed, row_cap);
    }
  }
  std::uint64_t index_bytes = 0;
  if (has_rules()) {
    auto row = parsed(json);
    bool filled = schema_.effective().has_defaults();
    if (filled) schema_.effective().fill_defaults(row);
    if (filled) json = protocol::to_json(row);
    if (filled && !protocol::parse_json(json)) {
      return {std::nullopt, base::error(errc::schema_violation, fmt::format("row \"{}\" would be nested too deeply with the defaults of the schema", key)),
              schema_.owner()};
    }
    if (filled && json.size() > row_cap) {
      return {std::nullopt,
              base::error(errc::too_large, fmt::format("row \"{}\" would have {} bytes with the defaults of the schema; at most {} are allowed", key, json.size(), row_cap)),
              schema_.owner()};
    }
    if (auto refused = refusal_by_rules(key, row, claimed)) return std::move(*refused);
    index_bytes = index_growth(key, now, row);
  }
  return {protocol::put_row{definition_.table, std::move(key), now.version + 1, std::move(json)}, std::nullopt, std::nullopt, {}, index_bytes};
}

decision table_state::decide_update(std::string key, const protocol::json_node& patch,
                                                       std::size_t row_cap) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(key);
  if (!now.exists) return {std::nullopt, unknown_key(key), now.pending};
  if (now.evicted) return needs_value(key);
  auto row = protocol::parse_json(now.json);
  DBCORD_ASSERT(row.has_value());
  if (auto bad = protocol::misplaced_path(*row, patch)) return {std::nullopt, base::error(errc::invalid_json, "patch_json: " + *bad), now.pending};
  if (!alteration_) {
    apply_patch(*row, patch);
    return decide_patched(now, std::move(key), *row, row_cap);
  }
  auto changed = patch;
  alteration_->apply(*row);
  alteration_->apply_to_patch(changed);
  apply_patch(*row, changed);
  alteration_->apply(*row);
  return in_new_form(decide_patched(now, std::move(key), *row, row_cap), row_cap);
}

void table_state::apply_patch(protocol::json_node& row, const protocol::json_node& patch) const {
  protocol::apply_merge_patch(row, patch);
  schema_.effective().keep_nulls(row, patch);
}

decision table_state::decide_patched(const effective& now, std::string key, const protocol::json_node& row, std::size_t row_cap) const {
  const auto* pk = row.find(definition_.primary_key);
  if (!pk || protocol::key_text(*pk) != key) {
    return {std::nullopt,
            base::error(errc::invalid_json,
                        fmt::format("patch_json would change the primary key field \"{}\" of row \"{}\"; insert a new row instead",
                                    definition_.primary_key, key)),
            now.pending};
  }
  if (auto refused = refusal_by_rules(key, row, nullptr)) return std::move(*refused);
  auto json = protocol::to_json(row);
  if (json.size() > row_cap) {
    return {std::nullopt,
            base::error(errc::too_large, fmt::format("row \"{}\" would have {} bytes; at most {} are allowed", key, json.size(), row_cap)),
            now.pending};
  }
  auto index_bytes = index_growth(key, now, row);
  return {protocol::put_row{definition_.table, std::move(key), now.version + 1, std::move(json)}, std::nullopt, std::nullopt, {}, index_bytes};
}

decision table_state::decide_delete(std::string key) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(key);
  if (!now.exists) return {std::nullopt, unknown_key(key), now.pending};
  return {protocol::delete_row{definition_.table, std::move(key), now.version + 1, false}, std::nullopt, std::nullopt};
}

decision table_state::decide_purge(std::string key) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(key);
  if (!now.exists && !now.pending && !history_.of(key)) return {std::nullopt, unknown_key(key), now.pending};
  return {protocol::delete_row{definition_.table, std::move(key), now.version + 1, true}, std::nullopt, std::nullopt};
}

void table_state::add_pending(ticket t, const protocol::operation& op, std::uint64_t index_bytes) {
  if (const auto* put = std::get_if<protocol::put_row>(&op)) {
    if (indexes_.some_unique()) indexes_.add_pending(t, put->key, indexed(put->json));
    pending_[put->key].push_back({t, put->version, put->json, index_bytes});
    pending_bytes_ += put->key.size() + put->json.size() + index_bytes;
  }
  if (const auto* del = std::get_if<protocol::delete_row>(&op)) {
    pending_[del->key].push_back({t, del->version, std::nullopt});
    pending_bytes_ += del->key.size();
  }
  add_pending_rule(t, op);
}

void table_state::commit(ticket t, const std::vector<protocol::operation>& operations, std::uint64_t lsn,
                         base::message_id log_message) {
  for (const auto& op : operations) {
    if (!is_about(op, definition_.table)) continue;
    if (const auto* key = key_of(op, definition_.table)) drop_pending(t, *key);
    if (std::holds_alternative<protocol::set_schema>(op)) schema_.drop_pending(t);
    replay(op, lsn, log_message);
  }
}

void table_state::abort(ticket t, const std::vector<protocol::operation>& operations) {
  for (const auto& op : operations) {
    if (const auto* key = key_of(op, definition_.table)) drop_pending(t, *key);
    if (is_about(op, definition_.table)) drop_pending_rule(t, op);
  }
}

void table_state::replay(const protocol::operation& op, std::uint64_t lsn, base::message_id log_message) {
  rows_.settle();
  if (const auto* put = std::get_if<protocol::put_row>(&op)) apply(*put, lsn, log_message);
  if (const auto* del = std::get_if<protocol::delete_row>(&op)) apply(*del, lsn, log_message);
  commit_rule(op);
}

void table_state::drop_pending(ticket t, const std::string& key) {
  auto it = pending_.find(key);
  if (it == pending_.end()) return;
  for (const auto& p : it->second) {
    if (p.owner != t) continue;
    pending_bytes_ -= key.size() + (p.json ? p.json->size() : 0) + p.index_bytes;
    if (p.json && indexes_.some_unique()) indexes_.drop_pending(t, key, indexed(*p.json));
  }
  std::erase_if(it->second, [&](const pending_version& p) { return p.owner == t; });
  if (it->second.empty()) pending_.erase(it);
}

void table_state::apply(const protocol::put_row& op, std::uint64_t lsn, base::message_id log_message) {
  preserve(op.key);
  if (auto old = rows_.find(op.key)) {
    bool stale = base::has_bug(base::deliberate_bug::keep_old_index_entries);
    if (!indexes_.empty() && !stale) indexes_.remove_row(op.key, indexed(old->indexed_fields()));
    supersede(op.key, *old, lsn);
  }
  if (!indexes_.empty()) indexes_.add_row(op.key, indexed(op.json));
  rows_.put(op.key, op.json, op.version, lsn, log_message);
}

void table_state::apply(const protocol::delete_row& op, std::uint64_t lsn, base::message_id log_message) {
  if (auto old = rows_.find(op.key)) {
    preserve(op.key);
    supersede(op.key, *old, lsn);
    history_.add(op.key, {op.version, lsn, log_message, {}, true}, lsn, garbage_);
    if (!indexes_.empty()) indexes_.remove_row(op.key, indexed(old->indexed_fields()));
    rows_.erase(op.key);
  }
  if (op.erase) history_.forget_before_last(op.key, garbage_);
}

void table_state::supersede(const std::string& key, const stored_row& row, std::uint64_t lsn) {
  if (!row.row_message && !rows_.is_dirty(key)) --set_aside_;
  if (!row.row_message) oldest_unplaced_ = std::min(oldest_unplaced_, row.lsn);
  history_.add(key, {row.version, row.lsn, row.log_message, row.row_message, false, row.part}, lsn, garbage_);
}

// Linear, so only from time to time, or when the history has doubled.
void table_state::expire_history(base::system_time now, bool now_at_all_events) {
  constexpr std::size_t least = 1'024;
  constexpr base::duration pause = std::chrono::hours(1);
  bool doubled = history_.size() >= std::max(least, 2 * history_after_expiry_);
  if (!now_at_all_events && !doubled && now < next_expiry_) return;
  history_.expire(now - history_.limits().age, live_versions(), garbage_);
  history_after_expiry_ = history_.size();
  next_expiry_ = now + pause;
}

bool table_state::expire_history_of(const std::string& key, base::system_time now) {
  auto before = history_.size();
  history_.expire(key, now - history_.limits().age, live_versions(), garbage_);
  return history_.size() != before;
}

row_history::live_versions table_state::live_versions() const {
  return [this](const std::string& key) {
    auto row = rows_.find(key);
    return row ? std::optional(row_history::live_version{row->lsn, row->log_message}) : std::nullopt;
  };
}

void table_state::set_aside(const std::string& key, std::uint64_t lsn) {
  auto row = rows_.find(key);
  if (!row || row->lsn != lsn || !rows_.set_clean(key)) return;
  if (!row->row_message) ++set_aside_;
}

std::string table_state::retry_set_aside(const std::string& after, std::size_t most) {
  std::vector<std::string> found;
  auto look = [&](auto it, auto end) {
    for (; it != end && found.size() < std::min(most, set_aside_); ++it) {
      const auto& [key, row] = *it;
      if (!row.row_message && !rows_.is_dirty(key)) found.emplace_back(key);
    }
  };
  look(rows_.upper_bound(after), rows_.end());
  look(rows_.begin(), rows_.upper_bound(after));
  for (const auto& key : found) rows_.set_dirty(key);
  set_aside_ -= found.size();
  return found.empty() ? std::string() : found.back();
}

bool table_state::materialised(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message) {
  newest_message_ = std::max(newest_message_, message);
  if (garbage_.contains(message)) return false;  // it may be gone already: never a location again
  auto placed = place(key, version, lsn, message, 0);
  if (placed == placement::nowhere) garbage_.insert(message, kind_of_copy(key, version, lsn, message));
  return placed != placement::nowhere;
}

std::size_t table_state::materialised(base::message_id page, const std::vector<page_place>& rows) {
  newest_message_ = std::max(newest_message_, page);
  if (garbage_.contains(page)) return 0;
  std::size_t used = 0;
  for (const auto& row : rows) {
    auto placed = place(row.key, row.version, row.lsn, page, row.part);
    if (placed == placement::here) garbage_.use_page(page);
    if (placed != placement::nowhere) ++used;
  }
  garbage_.set_rows(page, static_cast<std::uint32_t>(rows.size()));
  if (used == 0) garbage_.settle_page(page, kind_of_page(page, rows));
  return used;
}

// The message, or a part of it, holds that version: does it count?
table_state::placement table_state::place(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message, unsigned part) {
  auto row = rows_.find(key);
  bool mistaken = false;
  if (row && row->lsn != lsn) {
    // Both take a message of another version for the row's.
    bool adopts = base::has_bug(part == 0 ? base::deliberate_bug::adopt_by_key_alone : base::deliberate_bug::adopt_page_by_key_alone) && !row->row_message;
    mistaken = adopts || base::has_bug(base::deliberate_bug::old_version_last);
    if (mistaken) {
      version = row->version;
      lsn = row->lsn;
    }
  }
  if (row && row->row_message == message) return placement::known;
  if (!row || row->lsn != lsn || row->version != version) return place_version(key, version, lsn, message, part);
  if (!mistaken && is_of_another_record(row->log_message, message)) return placement::nowhere;
  if (!needs_place(key, *row, message)) return placement::nowhere;  // another copy
  rows_.set_place(key, message, part);
  if (row->row_message) garbage_.release(row->row_message, row->part, garbage_kind::duplicate);
  if (!rows_.set_clean(key) && !row->row_message) --set_aside_;
  return placement::here;
}

// It has none, or is to leave that which it has.
bool table_state::needs_place(const std::string& key, const stored_row& row, base::message_id message) const {
  return !row.row_message || rows_.is_dirty(key) || (channels_.retires(row.row_message) && !channels_.retires(message));
}

table_state::placement table_state::place_version(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message, unsigned part) {
  switch (history_.attach(key, version, lsn, message, part)) {
    case row_history::attached::now: return placement::here;
    case row_history::attached::before: return placement::known;
    case row_history::attached::unknown: break;
  }
  if (leaves(message)) return placement::nowhere;
  auto left = history_.move(key, version, lsn, [this](base::message_id m) { return leaves(m); }, message, part);
  if (!left) return placement::nowhere;
  garbage_.release(left->row_message, left->part, garbage_kind::duplicate);
  return placement::here;
}

std::size_t table_state::forget_locations(std::set<base::message_id> gone) {
  std::erase_if(gone, [this](base::message_id m) { return garbage_.contains(m); });  // nothing lies there
  if (gone.empty()) return 0;
  std::size_t lost = 0;
  std::vector<std::string> deleted;
  rows_.forget_places(gone, [&](std::string_view key) {
    if (base::has_bug(base::deliberate_bug::absence_is_deletion)) deleted.emplace_back(key);
    rows_.set_dirty(key);
    ++lost;
  });
  for (const auto& key : deleted) {
    auto row = rows_.find(key);
    replay(protocol::delete_row{definition_.table, key, row->version + 1}, row->lsn, row->log_message);
  }
  history_.forget_messages(gone);
  for (auto m : gone) garbage_.forget_page(m);
  return lost;
}

memory_use table_state::memory() const {
  memory_use use;
  use.values = rows_.value_bytes();
  use.fingerprints = rows_.fingerprint_bytes();
  use.past = history_.memory();
  use.held = rows_.memory() + pending_bytes_ + pending_.size() * pending_overhead + indexes_.memory() + history_.memory() +
             garbage_.memory() + (capture_ ? capture_->bytes() : 0);
  for (const auto& s : scans_) {
    if (auto scan = s.lock()) use.held += scan->bytes();
  }
  return use;
}

}  // namespace dbcord::database
