#include "database/row_access.hpp"

#include <fmt/format.h>

namespace dbcord::database {

row_access::row_access(const protocol::predicate& where, const table_state& table)
    : table_(table), keys_(plan_keys(where, table.definition().primary_key)), everything_(where.matches_everything()) {
  if (!keys_.keys) index_ = plan_by_index(where, table, table.rows().size() / 2 + 1);
  if (!index_) return;
  std::size_t within = index_->keys.size();
  if (!keys_.numbers.empty()) {
    within = 0;
    each_in_range([&](std::string_view, const stored_row&) { ++within; });
  }
  if (within < index_->keys.size()) {
    index_.reset();
  } else {
    std::erase_if(index_->keys, [this](std::string_view key) { return !keys_.is_within(key); });
  }
}

std::string row_access::text() const {
  if (keys_.keys && keys_.keys->size() == 1) return "primary key, in memory, 0 requests";
  if (keys_.keys) return fmt::format("{} primary keys, in memory, 0 requests", keys_.keys->size());
  if (index_) {
    return fmt::format("{}, {} of {} rows in memory, 0 requests", index_->name, index_->keys.size(), table_.rows().size());
  }
  if (keys_.range || !keys_.numbers.empty()) return "range of primary keys, in memory, 0 requests";
  auto rows = table_.rows().size();
  return fmt::format("scan of {} row{} in memory, 0 requests", rows, rows == 1 ? "" : "s");
}

captured_rows row_access::candidates() const {
  captured_rows which;
  if (keys_.keys) {
    which.keys = *keys_.keys;
  } else if (index_) {
    which.keys.emplace(index_->keys.begin(), index_->keys.end());
  } else if (!keys_.numbers.empty()) {
    which.keys.emplace();
    each_in_range([&](std::string_view key, const stored_row&) { which.keys->emplace_back(key); });
  } else if (keys_.range) {
    which.from = keys_.range->from;
    which.past = keys_.range->past;
  }
  return which;
}

}  // namespace dbcord::database
