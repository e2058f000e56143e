#pragma once
// log actor, one per database: takes validated transactions from the commit queue, writes them as commit groups (one message
// each, one in flight), resolves ambiguous answers by barriers, and has committed groups applied before their callers are
// answered (design.md sections 5 and 6). State on its own strand; queue() and status() from any thread.
//
// Failures: a group that Discord refuses for certain fails together with everything queued behind it, since that was
// validated on top of it. Fenced: what is in flight is answered with outcome_unknown, the rest is refused.

#include <atomic>
#include <deque>
#include <functional>

#include "actor/actor.hpp"
#include "actor/task_group.hpp"
#include "database/commit_queue.hpp"
#include "database/histogram.hpp"
#include "database/log_opening.hpp"
#include "database/log_segments.hpp"
#include "database/needed_records.hpp"
#include "database/write_problem.hpp"

namespace dbcord::database {

// Who makes committed transactions visible and forgets aborted ones; the database actor. Awaited on the log's strand.
class commit_applier {
 public:
  virtual ~commit_applier() = default;
  virtual actor::task<void> apply(std::vector<pending_ptr> group, commit_info info) = 0;
  virtual actor::task<void> abort(std::vector<pending_ptr> group) = 0;
};

// Where the log stands between two groups.
struct log_point {
  protocol::chain_anchor anchor;  // its last record, which is acknowledged
  base::message_id message;       // of that record
  log_tail tail;                  // as log_actor::tail() then
  std::vector<protocol::log_segment> segments;
};

struct log_status {
  std::atomic<std::uint64_t> lsn{0};
  std::atomic<std::uint64_t> epoch{0};
  std::atomic<std::uint64_t> groups{0};
  std::atomic<std::uint64_t> transactions{0};
  std::atomic<std::uint64_t> barriers{0};
};

struct log_histograms {
  // Seconds from a transaction's validation to its acknowledgement.
  histogram commit_seconds{{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}};
  histogram group_transactions{{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}};
};

class log_actor : public actor::actor {
 public:
  log_actor(const dbcord::actor::environment& env, message_store& store, log_options options, std::size_t queue_cap, shared_backlog& backlog,
            commit_applier& applier);

  // Claims the database, reads the log and starts an epoch. Once, before anything else.
  dbcord::actor::task<base::result<recovered_log>> open(base::steady_time deadline, base::system_time date, opening_channels channels);
  // An open() that is under way fails soon. Any thread.
  void give_up_opening() { opening_given_up_ = true; }
  bool opening_given_up() const { return opening_given_up_; }
  // Starts the loops that write groups and keep the lease. A log that lacks something is not written: see read_only_reason().
  void begin();
  // Refuses new transactions, writes what waits until the deadline, releases the log.
  dbcord::actor::task<void> stop(base::steady_time deadline);
  // Behind stop(): nothing of it runs any more. What was sent when its deadline came is waited for.
  dbcord::actor::task<void> ended();

  // Writes a record that is no group, between two groups, and waits until it is acknowledged. errc::outcome_unknown: it may still count.
  dbcord::actor::task<base::result<commit_info>> append(protocol::record_kind kind, std::string body, base::steady_time deadline);
  // Runs `work` between two groups: nothing is in flight and nothing is being applied; commits wait meanwhile.
  dbcord::actor::task<base::result<void>> at_rest(std::function<dbcord::actor::task<void>(log_point)> work, base::steady_time deadline);
  // What the log holds since the checkpoint that this process began with, or since the database was created. Only grows.
  log_tail tail() const;

  commit_queue& queue() { return queue_; }
  const log_status& status() const { return status_; }
  const log_histograms& histograms() const { return histograms_; }
  struct lease_state {
    std::optional<base::duration> age;  // since this process was last seen to be the only writer, by Discord's clock; empty: it never was
    std::string problem;                // why the last attempt to make sure of that failed; empty: it did not
    bool holds_up = false;              // what stands in the log already may not be told of before that is made sure of; nor is anything written behind it
  };
  dbcord::actor::task<base::result<lease_state>> lease(base::steady_time deadline);
  // Why a record could not be written when that was tried the last time; empty: it could, or nothing was tried. Any thread.
  std::optional<write_problem> unwritten() const { return writing_.told({}, env().now()); }
  // Empty while open; else the sentence that says why not.
  std::optional<base::error> closed_reason() const;
  // Of a log that can be read but not written, since part of it is lost. Fixed after open().
  const std::optional<base::error>& read_only_reason() const { return read_only_; }
  // More was found to be lost. Between open() and begin().
  void name_losses(const std::vector<std::string>& losses);
  // What a start would have to download one by one. Any thread.
  log_files& files() { return files_; }
  // Which of its messages a start may need, and which of those people have deleted. Any thread.
  needed_records& needed() { return needed_; }
  // In which channels it lies. Any thread.
  const log_segments& segments() const { return segments_; }
  // Rule 8 for reads: an error when another process may be writing by now.
  dbcord::actor::task<base::result<void>> confirm_readable(base::steady_time deadline);

 private:
  using group = std::vector<pending_ptr>;
  enum class sent_state { written, void_for_certain, refused, fenced };
  struct sent {
    sent_state state;
    commit_info info;
    base::error why;
  };

  // What is done between two groups. Empty `kind`: `work`.
  struct errand {
    std::optional<protocol::record_kind> kind;
    std::string body;
    std::function<dbcord::actor::task<void>(log_point)> work;
    base::steady_time deadline;
    dbcord::actor::promise<base::result<commit_info>> done;
  };

  dbcord::actor::task<base::result<commit_info>> do_later(errand e);
  bool errand_is_due() const;
  dbcord::actor::task<void> run_next_errand();
  dbcord::actor::task<void> run_errand(errand e);
  dbcord::actor::task<sent> write_record(const errand& e);
  void follow_record(const errand& e, const commit_info& written);
  void begin_read_only(const std::vector<std::string>& losses);
  void refuse_errands(const base::error& why);
  void count(const protocol::encoded_record& record, base::message_id message);
  dbcord::actor::task<void> write_groups();
  dbcord::actor::task<void> take_turn();
  dbcord::actor::task<void> keep_lease();
  dbcord::actor::task<void> commit(group g);
  dbcord::actor::task<sent> write(const group& g);
  dbcord::actor::task<sent> send_group(protocol::encoded_record record);
  dbcord::actor::task<sent> resolve(protocol::encoded_record record, base::error why);
  dbcord::actor::task<std::optional<commit_info>> find_in_tail(std::string hash);
  dbcord::actor::task<sent> acknowledge(const protocol::encoded_record& record, base::message_id message, base::system_time date);
  dbcord::actor::task<void> fail(group g, base::error why, bool in_doubt);
  dbcord::actor::task<void> pace();
  bool busy() const { return sends_ahead_ > 0; }
  dbcord::actor::task<void> release();
  dbcord::actor::task<base::result<dated<stored_message>>> post(protocol::encoded_record record, base::steady_time deadline);
  protocol::log_header next_header(protocol::record_kind kind);
  void plan_pace(const std::optional<pacing>& rate);
  void close_for_good(base::error why);
  base::steady_time latest_deadline(const group& g) const;

  message_store& store_;
  log_options options_;
  commit_applier& applier_;
  writer_lease lease_;
  commit_queue queue_;
  log_status status_;
  log_histograms histograms_;
  standing_problem writing_;
  log_segments segments_;
  log_files files_;
  needed_records needed_;
  std::optional<base::error> read_only_;
  protocol::log_header tip_;
  base::message_id tip_message_;
  std::deque<errand> errands_;
  bool writing_ended_ = false;
  std::atomic<std::size_t> tail_messages_{0}, tail_files_{0}, tail_bytes_{0};
  std::uint64_t attempt_ = 0;
  base::message_id read_to_;         // of the log channel: our records above it are the newest
  base::steady_time next_send_{};
  base::steady_time window_end_{};   // of the log's bucket, and whether it takes more until then
  bool window_has_room_ = false;
  int sends_ahead_ = 0;              // in a row, before they were due
  bool stopping_ = false;
  std::atomic<bool> opening_given_up_{false};
  bool unconfirmed_ = false;         // the last record stands there, and the lease has not covered it yet
  bool attach_next_ = false;         // Discord refused the text of a group: write it as an attachment
  base::steady_time stop_deadline_{};
  dbcord::actor::event lease_wake_;
  mutable std::mutex reason_mutex_;
  std::optional<base::error> closed_reason_;
  dbcord::actor::task_group loops_;
};

}  // namespace dbcord::database
