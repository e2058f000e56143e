#pragma once
// row_thread_queue: which tables of a database have rows whose threads follow their history (set_row_threads), and which of those rows have changed
// since. What does not fit, or what Discord refuses, is left out and counted: a thread is a view, which catches up when its row changes next. Not
// persisted but for the tables. Any thread.

#include <deque>
#include <mutex>
#include <set>

#include "database/row_thread_views.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

class row_thread_queue {
 public:
  static constexpr std::size_t rows_max = 1'000;

  struct changed_row {
    protocol::table_id table = 0;
    std::string key;
    int attempts = 0;
    base::steady_time not_before;
  };

  // What the log says.
  void set(protocol::table_id table, bool on);
  bool follows(protocol::table_id table) const;
  std::vector<protocol::table_id> tables() const;
  // A committed change; true: its row waits now.
  bool note(const protocol::operation& op);
  // The one that has waited longest of those that need not wait longer; it waits no more.
  std::optional<changed_row> next(base::steady_time now);
  // When there is one for next(), as far as is known: nullopt if none waits.
  std::optional<base::steady_time> earliest() const;
  // Behind all others; unless it has changed again meanwhile, or there is no room.
  void again(changed_row row);
  void leave_out(std::string why);
  row_thread_status status() const;  // but for the tables' names

 private:
  using row_id = std::pair<protocol::table_id, std::string>;
  bool push(changed_row row);

  mutable std::mutex mutex_;
  std::set<protocol::table_id> tables_;
  std::deque<changed_row> rows_;
  std::set<row_id> waiting_;  // the same
  std::uint64_t left_out_ = 0;
  std::string why_;
};

}  // namespace dbcord::database
