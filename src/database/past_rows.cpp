#include "database/past_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dbcord::database {
namespace {

constexpr std::size_t growth = 4, changed_most = 16'384;  // of rows that have changed since, from slice to slice

}  // namespace

std::uint64_t past_rows::lsn_of(moment when, const table_state& table) {
  if (when.lsn != 0) return when.lsn;
  std::uint64_t newest = 0;
  auto look = [&](std::uint64_t lsn, base::message_id log_message) {
    if (lsn > newest && base::created_at(log_message) <= when.time) newest = lsn;
  };
  for (auto it = table.rows().begin(); it != table.rows().end(); ++it) {
    auto row = it.row();
    look(row.lsn, row.log_message);
  }
  table.history().each_from("", [&](const std::string&, const std::vector<past_version>& versions) {
    for (const auto& v : versions) look(v.lsn, v.log_message);
    return true;
  });
  return newest;
}

const past_version* past_rows::past_of(const known_versions& known) const {
  if (!known.past || (known.live && known.live->lsn <= lsn_)) return nullptr;
  auto v = std::find_if(known.past->rbegin(), known.past->rend(), [this](const past_version& p) { return p.lsn <= lsn_; });
  return v == known.past->rend() || v->deleted ? nullptr : &*v;
}

std::optional<stored_row> past_rows::row_of(const known_versions& known, std::uint64_t size) const {
  if (known.live && known.live->lsn <= lsn_) return known.live;
  const auto* v = past_of(known);
  if (!v) return std::nullopt;
  stored_row row;
  row.version = v->version;
  row.lsn = v->lsn;
  row.log_message = v->log_message;
  row.row_message = v->row_message;
  row.part = v->part;
  row.resident = false;
  row.json_size = std::max(size, known.live ? known.live->json_size : 0);
  return row;
}

std::uint64_t past_rows::unknown_before(const table_state& table, std::string_view key, const known_versions& known) const {
  bool is_known = (known.live && known.live->lsn <= lsn_) || (known.past && !known.past->empty() && known.past->front().lsn <= lsn_);
  return is_known ? 0 : table.history().forgotten_to(std::string(key));
}

base::error past_rows::too_long_ago(const table_state& table, std::uint64_t known_from) const {
  return {errc::horizon, fmt::format("as_of: table {} keeps no versions of all these rows from so long ago; the first LSN of which all is known is {}",
                                     table.definition().name, known_from)};
}

// A key that nothing is known of any more may have been a row's.
std::optional<base::error> past_rows::behind_horizon(const table_state& table) const {
  std::uint64_t known_from = 0;
  if (keys_.keys) {
    for (const auto& key : *keys_.keys) {
      known_from = std::max(known_from, unknown_before(table, key, {table.find(key), table.history().of(key)}));
    }
  } else {
    known_from = table.history().forgotten_to();
    each_key(table, "", [&](std::string_view key, const known_versions& known) {
      if (known.past) known_from = std::max(known_from, unknown_before(table, key, known));
      return true;
    });
  }
  if (known_from <= lsn_) return std::nullopt;
  return too_long_ago(table, known_from);
}

std::uint64_t past_rows::mean_size(const table_state& table) const {
  if (read_rows_ > 0) return read_bytes_ / read_rows_;
  return table.rows().empty() ? 0 : table.json_bytes() / table.rows().size();
}

void past_rows::note_sizes(const std::vector<protocol::image_row>& read) {
  for (const auto& row : read) {
    if (!row.resident) continue;
    ++read_rows_;
    read_bytes_ += row.json.size();
  }
}

base::result<std::vector<protocol::image_row>> past_rows::next(const table_state& table, std::size_t bytes) {
  std::vector<protocol::image_row> slice;
  if (ended_) return slice;
  if (!keys_.keys && table.history().forgotten_to() > lsn_) return too_long_ago(table, table.history().forgotten_to());
  std::size_t taken = 0, changed = 0;
  std::uint64_t unknown = 0;
  std::optional<base::error> lost;
  auto size = mean_size(table);
  ended_ = true;
  each_key(table, from_, [&](std::string_view key, const known_versions& known) {
    if (taken >= bytes || changed >= changed_at_once_) {
      ended_ = false;
      from_ = key;
      return false;
    }
    unknown = unknown_before(table, key, known);
    if (unknown > lsn_) return false;
    auto row = row_of(known, size);
    if (!row) return true;
    const auto* past = past_of(known);
    if (past && past->lost) {
      lost = lost_version(key, past->version);
      return false;
    }
    protocol::image_row image{std::string(key), std::string(row->json), row->version, row->lsn, row->log_message, row->row_message};
    image.resident = row->resident;
    image.json_size = row->resident ? 0 : row->json_size;
    image.part = row->part;
    changed += !known.live || known.live->lsn > lsn_;
    taken += key.size() + std::max<std::uint64_t>(row->json.size(), row->json_size);
    slice.push_back(std::move(image));
    return true;
  });
  if (unknown > lsn_) return too_long_ago(table, unknown);
  if (lost) return *lost;
  changed_at_once_ = std::min(changed_at_once_ * growth, changed_most);
  return slice;
}

}  // namespace dbcord::database
