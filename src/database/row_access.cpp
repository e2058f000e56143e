#include "database/row_access.hpp"

#include <fmt/format.h>

namespace dbcord::database {

std::string row_access::text() const {
  if (keys_.keys && keys_.keys->size() == 1) return "primary key, in memory, 0 requests";
  if (keys_.keys) return fmt::format("{} primary keys, in memory, 0 requests", keys_.keys->size());
  if (index_) {
    return fmt::format("{}index on {}, {} of {} rows in memory, 0 requests", index_->unique ? "unique " : "", index_->field,
                       index_->keys.size(), table_.rows().size());
  }
  if (keys_.range) return "range of primary keys, in memory, 0 requests";
  auto rows = table_.rows().size();
  return fmt::format("scan of {} row{} in memory, 0 requests", rows, rows == 1 ? "" : "s");
}

captured_rows row_access::candidates() const {
  captured_rows which;
  if (keys_.keys) {
    which.keys = *keys_.keys;
  } else if (index_) {
    which.keys.emplace(index_->keys.begin(), index_->keys.end());
  } else if (keys_.range) {
    which.from = keys_.range->from;
    which.past = keys_.range->past;
  }
  return which;
}

}  // namespace dbcord::database
