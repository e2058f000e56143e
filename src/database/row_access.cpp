#include "database/row_access.hpp"

#include <fmt/format.h>

namespace dbcord::database {

row_access::row_access(const protocol::predicate& where, const table_state& table, const std::optional<std::string>& after, const std::optional<std::string>& before)
    : table_(table), keys_(plan_keys(where, table.definition().primary_key, after, before)), everything_(where.matches_everything()) {
  if (!keys_.keys) index_ = plan_by_index(where, table, table.rows().size() / 2 + 1);
  if (index_) choose_between_index_and_range();
  exact_ = finds_no_others();
}

void row_access::choose_between_index_and_range() {
  std::size_t within = index_->keys.size();
  if (!keys_.numbers.empty()) {
    within = 0;
    each_in_range(keys_, table_.rows(), [&](std::string_view, const stored_row&) { ++within; });
  }
  if (within < index_->keys.size()) {
    index_.reset();
  } else {
    std::erase_if(index_->keys, [this](std::string_view key) { return !keys_.is_within(key); });
  }
}

// A row whose key reads like an integer may have the integer as its key field, which no text is equal to, before or behind.
bool row_access::finds_no_others() const {
  if (index_) return index_->exact;
  if (everything_) return true;
  if (!keys_.only_texts) return false;
  bool all_texts = true;
  each([&](std::string_view key, const stored_row&) { all_texts = all_texts && !may_be_number(key); });
  return all_texts;
}

access_words row_access::words() const {
  auto rows = table_.rows().size();
  if (index_) return {fmt::format("{}, {} of {} rows", index_->name, index_->keys.size(), rows), true};
  if (auto by_keys = keys_.text(); !by_keys.empty()) return {std::move(by_keys)};
  return {fmt::format("scan of {} row{}", rows, rows == 1 ? "" : "s"), true};
}

captured_rows row_access::candidates() const {
  captured_rows which;
  if (keys_.keys) {
    which.keys = *keys_.keys;
  } else if (index_) {
    which.keys.emplace(index_->keys.begin(), index_->keys.end());
  } else if (!keys_.numbers.empty()) {
    which.keys.emplace();
    each_in_range(keys_, table_.rows(), [&](std::string_view key, const stored_row&) { which.keys->emplace_back(key); });
  } else if (keys_.range) {
    which.from = keys_.range->from;
    which.past = keys_.range->past;
  }
  return which;
}

}  // namespace dbcord::database
