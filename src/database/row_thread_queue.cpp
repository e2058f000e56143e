#include "database/row_thread_queue.hpp"

#include <algorithm>

namespace dbcord::database {

void row_thread_queue::set(protocol::table_id table, bool on) {
  std::lock_guard lock(mutex_);
  if (on) {
    tables_.insert(table);
    return;
  }
  tables_.erase(table);
  std::erase_if(rows_, [&](const changed_row& row) { return row.table == table; });
  std::erase_if(waiting_, [&](const row_id& row) { return row.first == table; });
  if (tables_.empty()) left_out_ = 0, why_.clear();
}

bool row_thread_queue::follows(protocol::table_id table) const {
  std::lock_guard lock(mutex_);
  return tables_.contains(table);
}

std::vector<protocol::table_id> row_thread_queue::tables() const {
  std::lock_guard lock(mutex_);
  return {tables_.begin(), tables_.end()};
}

bool row_thread_queue::note(const protocol::operation& op) {
  const auto* put = std::get_if<protocol::put_row>(&op);
  const auto* removed = std::get_if<protocol::delete_row>(&op);
  if (!put && (!removed || removed->erase)) return false;
  std::lock_guard lock(mutex_);
  auto table = put ? put->table : removed->table;
  return tables_.contains(table) && push({table, put ? put->key : removed->key, 0, {}});
}

bool row_thread_queue::push(changed_row row) {
  row_id id(row.table, row.key);
  if (waiting_.contains(id)) return false;
  if (rows_.size() == rows_max) {
    ++left_out_;
    why_ = "more rows change than threads can follow";
    return false;
  }
  waiting_.insert(std::move(id));
  rows_.push_back(std::move(row));
  return true;
}

std::optional<row_thread_queue::changed_row> row_thread_queue::next(base::steady_time now) {
  std::lock_guard lock(mutex_);
  auto at = std::ranges::find_if(rows_, [&](const changed_row& row) { return row.not_before <= now; });
  if (at == rows_.end()) return std::nullopt;
  auto row = std::move(*at);
  rows_.erase(at);
  waiting_.erase({row.table, row.key});
  return row;
}

std::optional<base::steady_time> row_thread_queue::earliest() const {
  std::lock_guard lock(mutex_);
  auto at = std::ranges::min_element(rows_, {}, &changed_row::not_before);
  if (at == rows_.end()) return std::nullopt;
  return at->not_before;
}

void row_thread_queue::again(changed_row row) {
  std::lock_guard lock(mutex_);
  if (tables_.contains(row.table)) push(std::move(row));
}

void row_thread_queue::leave_out(std::string why) {
  std::lock_guard lock(mutex_);
  ++left_out_;
  why_ = std::move(why);
}

row_thread_status row_thread_queue::status() const {
  std::lock_guard lock(mutex_);
  return {{}, rows_.size(), left_out_, why_};
}

}  // namespace dbcord::database
