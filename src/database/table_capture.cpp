#include "database/table_capture.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t kept_overhead = 200;  // bytes of a node of the map, about

std::uint64_t size_of(const protocol::image_row& row) { return row.key.size() + row.json.size(); }

}  // namespace

bool table_capture::wants(std::string_view key) const {
  if (ended_ || (begun_ && key <= last_)) return false;
  return !kept_.contains(key);
}

void table_capture::keep(const std::string& key, std::optional<protocol::image_row> before) {
  kept_bytes_ += kept_overhead + key.size() + (before ? size_of(*before) : 0);
  kept_.emplace(key, std::move(before));
}

std::vector<protocol::image_row> table_capture::next(const row_directory& rows, const make_image& image, std::size_t bytes) {
  std::vector<protocol::image_row> slice;
  if (ended_) return slice;  // rows behind the last one are new
  auto row = begun_ ? rows.upper_bound(last_) : rows.begin();
  for (std::size_t taken = 0; taken < bytes || slice.empty();) {
    auto kept = kept_.begin();
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

}  // namespace dbcord::database
