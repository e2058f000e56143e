#pragma once
// row_thread_views: the part of the engine's interface that shows the history of rows in threads of their tables' channels. A thread is a view for people: nothing is read from it,
// and what it lacks is in the history. Any executor.

#include "database/engine.hpp"
#include "database/thread_store.hpp"

namespace dbcord::database {

struct thread_report {
  static constexpr std::uint64_t most_added = 100;  // by one call

  base::channel_id thread;
  bool made = false;
  std::uint64_t added = 0;  // versions that it shows from now on
  std::uint64_t left = 0;   // versions that it does not show yet
};

// Of one database.
struct row_thread_status {
  std::vector<std::string> tables;  // whose rows have threads that follow them
  std::uint64_t waiting = 0;        // changed rows that their threads do not show yet
  std::uint64_t left_out = 0;       // changed rows that this process gave up; their threads catch up when they change next
  std::string why;                  // the last one was
};

class row_thread_views {
 public:
  virtual ~row_thread_views() = default;
  // Before open(). Without it there are no threads.
  virtual void keep_threads_in(thread_store& threads) = 0;
  // Adds the versions that the row's thread does not show yet, oldest first; as many as it can until the deadline.
  virtual actor::task<base::result<thread_report>> show_in_thread(std::string database, std::string table, std::string key, read_context context) = 0;
  // Whether the rows of a table that change from now on get threads, or theirs go on, in the background. Those that are there stay.
  virtual actor::task<base::result<write_receipt>> set_row_threads(std::string database, std::string table, bool on, write_context context) = 0;
  virtual base::result<row_thread_status> row_threads_of(std::string database) const = 0;  // from memory
};

}  // namespace dbcord::database
