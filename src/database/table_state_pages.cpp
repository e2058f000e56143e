// The part of table_state that decides which rows are written next and how: as messages of their own, or many of them as a page.

#include <algorithm>

#include "database/record_order.hpp"
#include "database/table_state.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t page_bytes = protocol::page_parts_max * protocol::page_part_bytes;
constexpr std::size_t page_rows_max = 30'000;  // so that nothing is busy with one page for long
constexpr std::uint32_t sparse_below = 3;      // a page is sparse when less than one of so many rows is left

protocol::row_version version_of(const protocol::create_table& table, std::string_view key, const stored_row& row) {
  return {table.table, table.name, std::string(key), row.version, row.lsn, std::string(row.json), table.channel};
}

}  // namespace

decision table_state::decide_layout(protocol::table_layout layout) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  return {protocol::set_layout{definition_.table, layout}, std::nullopt, std::nullopt};
}

bool table_state::wants_page(std::size_t waiting, std::size_t page_from) const {
  switch (layout_) {
    case protocol::table_layout::rows: return false;
    case protocol::table_layout::pages: return waiting > 1;
    case protocol::table_layout::automatic: break;
  }
  return waiting >= std::max<std::size_t>(page_from, 2);
}

// The oldest first: what memory and log are waiting for. A large row is a message of its own in any layout.
table_state::next_rows table_state::next_dirty(std::size_t page_from) const {
  next_rows next;
  next.channel = channels_.current;
  next.set_aside = set_aside_;
  if (pending_move_) return next;
  bool page = wants_page(rows_.dirty(), page_from);
  std::size_t bytes = 0;
  rows_.each_dirty([&](std::string_view key, const stored_row& row) {
    bool large = row.json_size > protocol::page_row_bytes_max;
    if (!page || (large && next.rows.empty())) {
      next.rows.push_back(version_of(definition_, key, row));
      return false;
    }
    if (large) return true;
    next.as_page = true;
    next.rows.push_back(version_of(definition_, key, row));
    bytes += protocol::page_line_bound(next.rows.back()) + (row.resident ? 0 : row.json_size);
    return bytes < page_bytes && next.rows.size() < page_rows_max;
  });
  if (next.rows.size() == 1) next.as_page = false;
  std::sort(next.rows.begin(), next.rows.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return next;
}

std::size_t table_state::relocate(const std::set<base::message_id>& pages) {
  if (pages.empty()) return 0;
  std::vector<std::string> keys;
  for (const auto& [key, row] : rows_) {
    if (row.part != 0 && pages.contains(row.row_message)) keys.emplace_back(key);
  }
  for (const auto& key : keys) rows_.set_dirty(key);
  return keys.size();
}

std::set<base::message_id> table_state::sparse_pages() const {
  std::set<base::message_id> sparse;
  for (const auto& [id, page] : garbage_.pages()) {
    if (page.uses * sparse_below < page.rows && !channels_.retires(id)) sparse.insert(id);
  }
  return sparse;
}

void table_state::abandon_page(base::message_id page) {
  history_.forget_messages({page});
  garbage_.forget_page(page);
  garbage_.insert(page, garbage_kind::stale_page);
  given_up_.erase(page);
}

void table_state::add_garbage(base::message_id message, const std::optional<page_place>& row) {
  garbage_.insert(message, row ? kind_of_copy(row->key, row->version, row->lsn, message) : garbage_kind::stale_page);
}

garbage_counts table_state::forget_garbage(const std::vector<base::message_id>& gone) {
  garbage_counts counted;
  for (auto m : gone) {
    if (auto kind = garbage_.kind_of(m)) ++counted[*kind];
    garbage_.removed(m);
    given_up_.erase(m);
  }
  return counted;
}

// Two that say the same are duplicates; of an older record whose LSN was given again it is nobody's (record_order). What no record wrote is known as far as the
// history reaches: what was before that may have been anything, and so may what the same record has superseded.
garbage_kind table_state::kind_of_copy(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message) const {
  auto known = [&](const auto& v) {
    if (is_of_another_record(v.log_message, message)) return garbage_kind::orphan;
    return v.version == version ? garbage_kind::duplicate : garbage_kind::superseded;
  };
  auto of_record = [&](const auto& v) { return v.lsn == lsn && v.version >= version; };
  if (const auto* past = history_.of(key)) {
    auto first = std::find_if(past->begin(), past->end(), of_record);
    if (first != past->end()) return known(*first);
  }
  auto row = rows_.find(key);
  if (row && of_record(*row)) return known(*row);
  return lsn < history_.forgotten_to(key) ? garbage_kind::superseded : garbage_kind::orphan;
}

garbage_kind table_state::kind_of_page(base::message_id page, const std::vector<page_place>& rows) const {
  auto has = [&](garbage_kind kind) {
    return std::any_of(rows.begin(), rows.end(), [&](const page_place& row) { return kind_of_copy(row.key, row.version, row.lsn, page) == kind; });
  };
  if (has(garbage_kind::duplicate)) return garbage_kind::duplicate;
  return has(garbage_kind::orphan) ? garbage_kind::orphan : garbage_kind::stale_page;
}

void table_state::forget_dropped_places(const std::set<base::message_id>& dropped) {
  if (dropped.empty()) return;
  rows_.forget_places(dropped, [this](std::string_view key) { rows_.set_dirty(key); });
  for (auto m : dropped) garbage_.forget_page(m);
  history_.forget_messages(dropped);
}

}  // namespace dbcord::database
