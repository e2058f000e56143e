#include "database/table_capture.hpp"

#include <algorithm>
#include <numeric>

namespace dbcord::database {
namespace {

constexpr std::uint64_t kept_overhead = 200;  // bytes of a node of the map, about

// With its value, wherever that lies now.
std::uint64_t size_of(const protocol::image_row& row) { return row.key.size() + std::max<std::uint64_t>(row.json.size(), row.json_size); }
std::uint64_t held_by(const protocol::image_row& row) { return row.key.size() + row.json.size() + row.fingerprints.size(); }

}  // namespace

table_capture::table_capture(captured_rows which) : which_(std::move(which)) {
  if (!which_.keys) return;
  const auto& keys = *which_.keys;
  by_key_.resize(keys.size());
  std::iota(by_key_.begin(), by_key_.end(), 0u);
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(by_key_.begin(), by_key_.end(), [&](auto a, auto b) { return keys[a] < keys[b]; });
}

std::optional<std::size_t> table_capture::place_of(std::string_view key) const {
  auto it = std::lower_bound(by_key_.begin(), by_key_.end(), key, [this](auto place, std::string_view k) { return (*which_.keys)[place] < k; });
  return it != by_key_.end() && (*which_.keys)[*it] == key ? std::optional<std::size_t>(*it) : std::nullopt;
}

bool table_capture::wants(std::string_view key) const {
  if (ended_ || kept_.contains(key)) return false;
  if (which_.keys) {
    auto place = place_of(key);
    return place && *place >= next_key_;
  }
  return !(begun_ && key <= last_) && key >= which_.from && (!which_.past || key < *which_.past);
}

void table_capture::keep(const std::string& key, std::optional<protocol::image_row> before) {
  kept_bytes_ += kept_overhead + key.size() + (before ? held_by(*before) : 0);
  kept_.emplace(key, std::move(before));
}

std::vector<protocol::image_row> table_capture::next(const row_directory& rows, const make_image& image, std::size_t bytes) {
  if (which_.keys) return next_of_keys(rows, image, bytes);
  std::vector<protocol::image_row> slice;
  if (ended_) return slice;  // rows behind the last one are new
  auto row = begun_ ? rows.upper_bound(last_) : rows.lower_bound(which_.from);
  for (std::size_t taken = 0; taken < bytes || slice.empty();) {
    auto kept = kept_.begin();
    if (row != rows.end() && which_.past && row.key() >= *which_.past) row = rows.end();
    bool from_rows = row != rows.end() && (kept == kept_.end() || row.key() < kept->first);
    if (!from_rows && kept == kept_.end()) {
      ended_ = true;
      break;
    }
    begun_ = true;
    last_ = from_rows ? row.key() : std::string_view(kept->first);
    if (from_rows) {
      slice.push_back(image(row.key(), row.row()));
      ++row;
    } else {
      if (row != rows.end() && row.key() == last_) ++row;  // it has changed since
      if (kept->second) slice.push_back(std::move(*kept->second));
      kept_.erase(kept);
    }
    if (!slice.empty() && slice.back().key == last_) taken += size_of(slice.back());
  }
  if (kept_.empty()) kept_bytes_ = 0;
  return slice;
}

std::vector<protocol::image_row> table_capture::next_of_keys(const row_directory& rows, const make_image& image, std::size_t bytes) {
  std::vector<protocol::image_row> slice;
  for (std::size_t taken = 0; next_key_ < which_.keys->size() && (taken < bytes || slice.empty());) {
    const auto& key = (*which_.keys)[next_key_++];
    std::optional<protocol::image_row> found;
    if (auto kept = kept_.extract(key)) {
      found = std::move(kept.mapped());
    } else if (auto row = rows.find(key)) {
      found = image(key, *row);
    }
    if (!found) continue;
    taken += size_of(*found);
    slice.push_back(std::move(*found));
  }
  if (next_key_ == which_.keys->size()) ended_ = true;
  if (kept_.empty()) kept_bytes_ = 0;
  return slice;
}

}  // namespace dbcord::database
