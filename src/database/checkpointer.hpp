#pragma once
// checkpointer, one per database: decides when a checkpoint is due, has the tables captured between two commit groups, writes it in the
// background and makes it count by a record of the log (design.md section 7). Its loop runs on a strand of its own; notify() from any thread.
// A failure costs nothing but the next start's time: it is logged and tried again later. While no checkpoint is due, since the base is large, deltas are
// written (delta_writer).

#include <atomic>
#include <functional>
#include <mutex>
#include <set>

#include "actor/task_group.hpp"
#include "database/checkpoint_writer.hpp"
#include "database/delta_writer.hpp"
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
  // It is gone: the next call makes another one. False: that was another channel.
  virtual bool forget_checkpoint_channel(base::channel_id channel) = 0;
  // A channel for the log to go on in; one that an earlier attempt has left, if there is one.
  virtual actor::task<base::result<base::channel_id>> segment_channel(std::uint64_t number, base::steady_time deadline) = 0;
  // A dropped segment of the log, or a retired channel of a table: it is deleted, now or later.
  virtual void forget_segment(base::channel_id channel) = 0;
  // What could be dropped of the log was; returns at once.
  virtual void log_tended() = 0;
};

struct checkpoint_status {
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> deltas{0};         // written by this process
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
    protocol::chain_anchor anchor;
    base::message_id record;
    base::channel_id channel;
    found_deltas deltas;
  };
  void begin(opened_from base);
  // One now, in the caller's task; only before begin(): for a log that must not be read from any earlier one.
  actor::task<base::result<void>> take_first() { return take(); }
  void notify() { wake_.notify(); }  // the log has grown
  // People have deleted messages, or a channel. If kept checkpoints go with them others are written at once. Any thread, return at once.
  void messages_deleted(const std::vector<base::message_id>& messages);
  void channel_deleted(base::channel_id channel);
  // Writes two checkpoints, so that none that is kept was taken before. `of_log`: behind a new segment of the log, so that nothing but what other rows need holds
  // what was before.
  actor::task<base::result<void>> renew(bool of_log, base::steady_time deadline);
  // Of the log some messages that a start may need are gone, and new checkpoints could take their place: they are written as soon as notify() wakes it.
  bool log_lacks_records() const;
  // Why the last checkpoint was not written; empty: it was, or none was due. Any thread.
  std::string problem() const;
  // Writes a last one if it is worth while, then ends.
  actor::task<void> stop(base::steady_time deadline);

  const checkpoint_status& status() const { return status_; }
  // Where the log can be read from as long as both checkpoints are kept; empty: none is known. Any thread.
  std::optional<log_start> oldest_kept() const;
  // What a start could begin from, oldest first. Any thread.
  struct kept_place {
    base::channel_id channel;
    std::vector<base::message_id> messages;  // the manifest and its parts
    std::uint64_t lsn = 0;
  };
  std::vector<kept_place> kept() const;
  bool keeps(const kept_place& place) const;

 private:
  static constexpr base::duration channel_time = std::chrono::minutes(2);
  static constexpr base::duration record_time = std::chrono::minutes(5);  // of the log record: it waits for its turn and for Discord
  struct kept_checkpoint {
    std::vector<base::message_id> messages;
    protocol::chain_anchor anchor;
    base::message_id record;  // the anchor's message
    std::set<base::channel_id> drained;  // retiring channels of tables in which nothing lay by then
    base::channel_id channel;
  };
  struct capture {
    log_point at;
    std::vector<table_ptr> tables;
    std::vector<table_actor::captured_head> heads;
    protocol::image_database head;
    std::vector<protocol::image_command> commands;
  };

  actor::task<void> run();
  bool some_are_lost();
  actor::task<base::result<void>> take();
  actor::task<base::result<void>> take_now();
  actor::task<base::result<capture>> begin_capture();
  actor::task<base::result<protocol::checkpoint_reference>> write(base::channel_id channel, capture captured);
  void keep(kept_checkpoint newest);
  // checkpointer_log.cpp
  actor::task<base::result<void>> tend_log();
  actor::task<base::result<void>> roll();
  actor::task<void> answer_renewals();
  void refuse_renewals();
  actor::task<base::result<void>> leave_lost_records_behind();
  actor::task<base::result<void>> renew_now(bool of_log);
  actor::task<base::result<void>> truncate();
  actor::task<std::vector<protocol::log_segment>> unneeded_segments();
  actor::task<base::result<void>> look_for_messages(std::uint64_t from, std::uint64_t before);
  actor::task<base::result<void>> drop_retired();
  actor::task<base::result<void>> drop_channel(base::channel_id channel);
  actor::task<base::result<void>> remove_old(base::channel_id channel);
  bool is_old(const stored_message& message, base::message_id oldest_kept) const;
  bool delta_is_due();
  actor::task<base::steady_time> write_delta();
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
  mutable std::mutex kept_mutex_;
  std::deque<kept_checkpoint> kept_;  // the newest two, oldest first; written on the checkpointer's strand only
  std::vector<base::channel_id> deleted_channels_;  // that have not been looked at
  bool lost_ = false;                               // some of what is kept is gone
  std::string problem_;
  std::optional<protocol::checkpoint_reference> newest_;
  std::mutex renewals_mutex_;
  struct renewal {
    actor::promise<base::result<void>> done;
    bool of_log = false;
  };
  std::vector<renewal> renewals_;  // that wait
  bool ended_ = true;                                          // nobody answers them
  delta_writer deltas_;
  log_tail counted_;              // what the log held when the newest was taken
  base::steady_time taken_at_{};
  std::atomic<bool> stopping_{false};
  std::atomic<base::steady_time> stop_deadline_{base::steady_time::max()};
  actor::event wake_;
  actor::task_group loops_;
};

}  // namespace dbcord::database
