#pragma once
// commit_queue: transactions that were validated and wait for the log, in order, bounded in bytes. push() from any table's
// strand (in the same step in which the table adds them to its pending state); the rest on the log actor's strand.

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "actor/event.hpp"
#include "actor/promise.hpp"
#include "database/table_state.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct commit_info {
  std::uint64_t lsn = 0;
  base::message_id message;  // the log message
};

struct pending_transaction {
  ticket id = 0;
  protocol::transaction body;
  std::size_t bytes = 0;  // estimate of its size in a group
  base::steady_time deadline;
  base::steady_time begun;  // when it was validated
  actor::promise<base::result<commit_info>> outcome;
};
using pending_ptr = std::shared_ptr<pending_transaction>;

// Of several queues together: each of them may always have one transaction waiting.
struct shared_backlog {
  explicit shared_backlog(std::size_t most) : cap(most) {}

  std::size_t cap;
  std::atomic<std::size_t> bytes{0};
};

class commit_queue {
 public:
  explicit commit_queue(std::size_t byte_cap, shared_backlog* all = nullptr) : byte_cap_(byte_cap), all_(all) {}
  ~commit_queue() { forget(bytes_); }
  commit_queue(const commit_queue&) = delete;

  // An error (certain: nothing happened) when the queue is full or closed.
  base::result<void> push(pending_ptr t);
  // Of what was validated in several steps: errc::conflict if the queue was closed since `closings` was asked for, since what it was
  // validated on top of may have failed.
  base::result<void> push(pending_ptr t, std::uint64_t closings);
  std::uint64_t closings() const;

  bool empty() const;
  std::size_t bytes() const;
  // The next transactions, up to `group_cap` bytes, at least one if there is any.
  std::vector<pending_ptr> take(std::size_t group_cap);

  // Kept when something is taken or the queue is closed, at once if nothing waits: when another push is worth while.
  actor::promise<bool> next_room();

  // Refuses every push with `reason` from now on and returns all that waits. reopen() ends it.
  std::vector<pending_ptr> close(base::error reason);
  void reopen();

  // Notified by push() and close().
  const actor::event& changed() const { return changed_; }

 private:
  bool has_room_for(std::size_t bytes) const;
  void forget(std::size_t bytes);
  void tell_of_room();

  mutable std::mutex mutex_;
  std::size_t byte_cap_;
  shared_backlog* all_;  // that this queue's bytes count towards as well
  std::uint64_t closings_ = 0;
  std::size_t bytes_ = 0;
  std::deque<pending_ptr> waiting_;
  std::vector<actor::promise<bool>> waiting_for_room_;
  std::optional<base::error> closed_;
  actor::event changed_;
};

}  // namespace dbcord::database
