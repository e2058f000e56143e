#pragma once
// checkpointer, one per database: decides when a checkpoint is due, has the tables captured between two commit groups, writes it in the
// background and makes it count by a record of the log (design.md section 7). Its loop runs on a strand of its own; notify() from any thread.
// A failure costs nothing but the next start's time: it is logged and tried again later.

#include <atomic>
#include <functional>

#include "actor/task_group.hpp"
#include "database/checkpoint_writer.hpp"
#include "database/idempotency_register.hpp"
#include "database/log_actor.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

// What a database knows and the checkpointer needs; called on the log's strand or the checkpointer's.
class checkpoint_source {
 public:
  virtual ~checkpoint_source() = default;
  virtual std::vector<table_ptr> all_tables() const = 0;
  virtual protocol::image_database database_head() const = 0;
  virtual std::vector<protocol::image_command> executed_commands() const = 0;
  virtual actor::task<base::result<base::channel_id>> checkpoint_channel(base::steady_time deadline) = 0;
};

struct checkpoint_status {
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> lsn{0};            // of the newest
  std::atomic<std::uint64_t> base_bytes{0};     // of the newest, as stored
  std::atomic<std::uint64_t> bytes_written{0};  // of all by this process
  std::atomic<std::int64_t> stood_still_us{0};  // for how long commits waited for the newest
};

class checkpointer {
 public:
  checkpointer(const actor::environment& env, message_store& store, std::string database, const checkpoint_options& options, log_actor& log,
               checkpoint_source& source);

  // Of the checkpoint that the database was opened from, if there was one.
  struct opened_from {
    std::size_t bytes = 0;
    std::vector<base::message_id> messages;
  };
  void begin(opened_from base);
  void notify() { wake_.notify(); }  // the log has grown
  // Writes a last one if it is worth while, then ends.
  actor::task<void> stop(base::steady_time deadline);

  const checkpoint_status& status() const { return status_; }

 private:
  struct capture {
    log_point at;
    std::vector<table_ptr> tables;
    std::vector<table_actor::captured_head> heads;
    protocol::image_database head;
    std::vector<protocol::image_command> commands;
  };

  actor::task<void> run();
  actor::task<base::result<void>> take();
  actor::task<base::result<capture>> begin_capture();
  actor::task<base::result<void>> write(base::channel_id channel, capture captured);
  actor::task<void> remove_old(base::channel_id channel);
  actor::task<base::result<void>> write_entries(checkpoint_writer& writer, const capture& captured);
  log_tail tail() const;
  bool given_up() const;

  const actor::environment& env_;
  message_store& store_;
  std::string database_;
  const checkpoint_options& options_;
  log_actor& log_;
  checkpoint_source& source_;
  checkpoint_status status_;
  std::deque<std::vector<base::message_id>> kept_;  // the messages of the newest two, oldest first
  log_tail counted_;              // what the log held when the newest was taken
  base::steady_time taken_at_{};
  std::atomic<bool> stopping_{false};
  std::atomic<base::steady_time> stop_deadline_{base::steady_time::max()};
  actor::event wake_;
  actor::task_group loops_;
};

}  // namespace dbcord::database
