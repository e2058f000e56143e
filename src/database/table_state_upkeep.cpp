// The part of table_state that is about dropping the table, replacing rows, and mending what is damaged.

#include <fmt/format.h>

#include <algorithm>

#include "database/table_state.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/row_fingerprints.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t little_digest = 64;  // bytes that are not worth trimming

}  // namespace

std::optional<decision> table_state::refusal_as_dropped() const {
  // Who writes must know which form rows have.
  if (alteration_owner_) return decision{std::nullopt, base::error(errc::conflict, being_altered()), alteration_owner_};
  if (!dropped_ && !drop_owner_) return std::nullopt;
  return decision{std::nullopt, base::error(errc::unknown_table, fmt::format("table {} of database {} was dropped", definition_.name, database_)),
                  drop_owner_};
}

decision table_state::decide_drop() const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  return {protocol::drop_table{definition_.table, definition_.name, definition_.channel}, std::nullopt, std::nullopt};
}

void table_state::forget_everything() {
  if (capture_ || !scans_.empty()) {
    for (const auto& [key, row] : rows_) preserve(key);  // a checkpoint of a moment before the drop still needs them
  }
  dropped_ = true;
  drop_owner_.reset();
  pending_move_.reset();
  pending_.clear();
  pending_bytes_ = 0;
  rows_.clear();
  garbage_ = {};
  indexes_ = {};
  history_ = {};
  history_after_expiry_ = 0;
  next_expiry_ = {};
  alteration_.reset();
  set_aside_ = 0;
}

std::optional<decision> table_state::refusal_by_version(const std::string& key, std::uint64_t expected) const {
  auto now = effective_row(key);
  if (now.exists && now.version == expected) return std::nullopt;
  if (!now.exists) return decision{std::nullopt, unknown_key(key), now.pending};
  return decision{std::nullopt,
                  base::error(errc::conflict, fmt::format("row \"{}\" of table {} was changed meanwhile: it has version {}, not {}; nothing was "
                                                          "changed, look at it and try again",
                                                          key, definition_.name, now.version, expected)),
                  now.pending};
}

std::optional<decision> table_state::refusal_by_lsn(const std::string& key, std::uint64_t expected) const {
  auto now = effective_row(key);
  auto row = rows_.find(key);
  if (!now.exists || (!now.pending && row->lsn == expected)) return std::nullopt;
  auto sentence = fmt::format("row \"{}\" of table {} was written since this was asked; nothing was erased, look at it and give the command again", key, definition_.name);
  return decision{std::nullopt, base::error(errc::conflict, std::move(sentence)), now.pending};
}

decision table_state::decide_replace(std::string key, const protocol::json_node& row, std::size_t row_cap) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (alteration_) {
    auto changed = row;
    if (alteration_->apply(changed)) return in_new_form(decide_replace(std::move(key), changed, row_cap), row_cap);
  }
  auto now = effective_row(key);
  if (!now.exists) return {std::nullopt, unknown_key(key), now.pending};
  auto refuse = [&](errc code, std::string sentence) { return decision{std::nullopt, base::error(code, std::move(sentence)), now.pending}; };
  const auto* pk = row.find(definition_.primary_key);
  if (!pk) return refuse(errc::invalid_json, fmt::format("row_json lacks the primary key field \"{}\", which is \"{}\"", definition_.primary_key, key));
  if (protocol::key_text(*pk) != key) {
    return refuse(errc::invalid_json, fmt::format("row_json would change the primary key field \"{}\" of row \"{}\"; insert a new row instead",
                                                  definition_.primary_key, key));
  }
  if (auto refused = refusal_by_rules(key, row, nullptr)) return std::move(*refused);
  auto json = protocol::to_json(row);
  if (json.size() > row_cap) {
    return refuse(errc::too_large, fmt::format("row \"{}\" would have {} bytes; at most {} are allowed", key, json.size(), row_cap));
  }
  auto index_bytes = index_growth(key, now, row);
  return {protocol::put_row{definition_.table, std::move(key), now.version + 1, std::move(json)}, std::nullopt, std::nullopt, {}, index_bytes};
}

std::vector<std::string> table_state::rebuild_indexes() {
  auto fields = damaged_indexes();
  for (const auto& index : indexes_.all()) {
    const auto& definition = index.definition;
    if (index.state == index_state::failed || std::find(fields.begin(), fields.end(), definition.field) == fields.end()) continue;
    indexes_.clear(definition.index);
    fill_index(definition.index);
  }
  return fields;
}

bool table_state::rewrite(const std::string& key, base::message_id lost) {
  auto row = rows_.find(key);
  if (!row || !lost || row->row_message != lost) return false;
  garbage_.release(lost, row->part, garbage_kind::duplicate);
  rows_.set_place(key, {});
  rows_.set_dirty(key);
  return true;
}

std::size_t table_state::rewrite_all_in(base::channel_id channel) {
  std::vector<std::pair<std::string, base::message_id>> found;
  for (const auto& [key, row] : rows_) {
    if (row.row_message && channels_.of(row.row_message) == channel) found.emplace_back(key, row.row_message);
  }
  for (const auto& [key, message] : found) rewrite(key, message);
  return found.size();
}

std::vector<std::string> table_state::evicted_of(const std::vector<std::string>& keys) const {
  std::vector<std::string> evicted;
  for (const auto& key : keys) {
    if (effective_row(key).evicted) evicted.push_back(key);
  }
  return evicted;
}

// Of a row whose value is evicted: the members that paths of indexes begin with, which is all that an index can see of it (its digest), and fingerprints of the others.
std::string table_state::kept_of(std::string_view json, bool with_fingerprints) const {
  auto paths = indexes_.fields();
  if (alteration_ && !paths.empty()) paths.push_back(alteration_->field());
  auto leads = [&](std::string_view name) {
    return std::any_of(paths.begin(), paths.end(), [&](std::string_view p) { return p.starts_with(name) && (p.size() == name.size() || p[name.size()] == '.'); });
  };
  if (paths.empty() && !with_fingerprints) return "{}";
  auto row = parsed(json);
  auto fingerprints = with_fingerprints ? protocol::row_fingerprints(row, leads) : std::string();
  std::erase_if(row.members, [&](const auto& member) { return !leads(member.first); });
  return protocol::to_json(row) + fingerprints;
}

void table_state::trim_digests() {
  rows_.trim_digests(little_digest, [this](std::string_view digest) { return kept_of(digest, false); });
}

// For a checkpoint, whose reader would not know that there is something to trim.
protocol::image_row table_state::trimmed_image_of(std::string_view key, const stored_row& row) const {
  auto image = image_of(key, row);
  if (row.resident || row.digest.size() <= little_digest || !rows_.is_to_be_trimmed(key)) return image;
  auto left = kept_of(row.digest, false);
  if (left.size() >= row.digest.size()) return image;
  image.json = std::move(left);
  image.fingerprints.clear();
  return image;
}

std::uint64_t table_state::evict(std::uint64_t bytes, bool log_only, const row_directory::spared_function& spared, bool with_fingerprints) {
  return rows_.evict(bytes, log_only, [&](std::string_view json) { return kept_of(json, with_fingerprints); }, spared);
}

bool table_state::admit(const std::string& key, std::uint64_t lsn, std::string_view json) {
  auto row = rows_.find(key);
  if (!row || row->resident || row->lsn != lsn) return false;
  if (!row->digest_complete && !indexes_.empty()) {
    indexes_.complete_row(key, indexed(row->digest), indexed(json));
  }
  return rows_.admit(key, lsn, json);
}

}  // namespace dbcord::database
