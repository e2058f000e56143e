#include "database/message_spread.hpp"

#include <algorithm>

#include "database/history_page.hpp"

namespace dbcord::database {

message_spread::message_spread(std::vector<std::uint64_t> ids, std::uint64_t messages) : ids_(std::move(ids)) {
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  auto all = std::max<std::uint64_t>(messages, ids_.size());
  shown_ = all == 0 ? 1 : std::max<std::size_t>(history_page_max * ids_.size() / all, 1);
}

message_spread message_spread::of(const table_state& table, std::vector<std::uint64_t> met, std::uint64_t messages) {
  const auto& garbage = table.garbage();
  bool few = table.rows().size() + garbage.size() + table.history().messages() <= messages_known;
  if (met.size() <= 1 || !few) return {std::move(met), messages};
  met.clear();
  for (auto it = table.rows().begin(); it != table.rows().end(); ++it) {
    auto row = it.row();
    if (row.row_message && row.part == 0) met.push_back(row.row_message.value);
  }
  for (const auto& [id, page] : garbage.pages()) met.push_back(id.value);
  for (auto kind : all_garbage_kinds) {
    for (auto id : garbage.of(kind)) met.push_back(id.value);
  }
  table.history().each_behind("", [&](const std::string&, const std::vector<past_version>& versions) {
    for (const auto& v : versions) {
      if (v.row_message && v.part == 0) met.push_back(v.row_message.value);
    }
    return true;
  });
  auto known = met.size();
  return {std::move(met), known};
}

std::uint64_t message_spread::end_of_listing(std::uint64_t first) const {
  auto from = static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), first) - ids_.begin());
  if (from == ids_.size()) return first;
  return std::max(first, ids_[std::min(from + shown_, ids_.size()) - 1]);
}

message_spread::needed_looks message_spread::looks(std::vector<std::uint64_t> ids) const {
  std::sort(ids.begin(), ids.end());
  needed_looks needed;
  for (auto it = ids.begin(); it != ids.end(); it = std::upper_bound(it, ids.end(), end_of_listing(*it))) {
    ++(*it == ids.back() ? needed.fetches : needed.listings);
  }
  return needed;
}

}  // namespace dbcord::database
