#pragma once
// log_opening: how a process becomes the writer of a database (design.md section 6, rule 5): claim, wait, read both
// channels to the end, the log from the newest checkpoint that counts and can be read, start. Used once, on the log actor's strand.

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "database/checkpoint_options.hpp"
#include "database/checkpoint_reader.hpp"
#include "database/delta_choice.hpp"
#include "database/log_files.hpp"
#include "database/log_reader.hpp"
#include "database/table_scan.hpp"
#include "database/writer_lease.hpp"
#include "protocol/bridged_chain.hpp"
#include "protocol/drop_record.hpp"
#include "protocol/roll_record.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// A commit group found valid at opening.
struct recovered_group {
  std::uint64_t lsn = 0;
  base::message_id message;
  std::vector<protocol::transaction> transactions;
};

// What the log holds beyond the checkpoint, in chain order.
struct recovered_log {
  // The checkpoint, or what was found in the tables' channels instead; empty: the groups are all there ever were.
  std::optional<loaded_image> base;
  std::uint64_t newest_scanned = 0;  // LSN in the tables' channels, as far as they were read
  std::vector<recovered_group> groups;
  // Named by drop records: gone, or about to go, whatever a listing shows.
  std::set<base::message_id> dropped;
  std::set<base::channel_id> dropped_channels;  // segments of the log
  std::vector<protocol::log_segment> segments;  // that are left, oldest first
  std::set<std::uint64_t> unreadable;           // LSNs of records that are there, and cannot be read
  std::vector<message_of_lost_rows> found;      // messages that hold versions of records that are lost; `groups` tell of them
  std::vector<std::string> losses;              // what was deleted by hand and cannot be had back, in sentences
  protocol::chain_anchor anchor;                // where reading began
  found_deltas deltas;
  bool released = false;                        // the last writer closed the database: nothing happened after what it wrote down
};

struct opened_log {
  protocol::log_header start;      // our own start record: the chain's tip; of a log that is only read: the last record
  base::message_id start_message;
  bool writable = true;            // no: something is lost, and nobody has accepted that
  recovered_log recovered;
  log_tail tail;                   // what was read, the start included
  std::vector<log_file> files;     // of its records, those that no delta holds
  std::vector<std::pair<std::uint64_t, base::message_id>> records;  // by LSN, the start included: what the next start needs, too
  base::message_id last_message;   // of the log's newest channel, as far as read
};

// A channel that says of itself that it holds a segment.
struct listed_segment {
  base::channel_id channel;
  std::uint64_t number = 0;
};
// What only opening needs to know of the guild's channels, as they were listed before the database was claimed.
struct opening_channels {
  base::channel_id checkpoints;                  // zero: there are none yet
  std::vector<listed_segment> log;               // every one, for what is left after a loss
  // Makes the channel of a segment, for a log whose newest one is gone.
  std::function<actor::task<base::result<base::channel_id>>(std::uint64_t number)> make_segment;
  // What is known before the log is read of a scan of the tables, should one be needed.
  scan_task tables;
  // The same as it is now.
  std::function<actor::task<base::result<opening_channels>>()> list_again;
};

class log_opening {
 public:
  // Once `given_up` is set, run() ends soon: base::errc::stopping.
  log_opening(const actor::environment& env, message_store& store, const log_options& options, writer_lease& lease, opening_channels channels,
              const std::atomic<bool>& given_up)
      : env_(env), store_(store), options_(options), lease_(lease), channels_(std::move(channels)), given_up_(given_up), reads_(store, options.staleness) {}

  actor::task<base::result<opened_log>> run(base::steady_time deadline);

 private:
  static constexpr base::duration retry_pause = std::chrono::milliseconds(500);
  static constexpr std::size_t bodies_at_once = 16;  // of records: not held by Discord's limits, since files come from its CDN
  static constexpr std::size_t listings_at_once = 8;  // of tables' channels, each with a limit of its own
  static constexpr std::size_t deltas_at_once = 2;   // the same; each takes up to 8 MiB, and that once more while it is unpacked
  struct chain {
    std::vector<found_record> records;  // the valid ones, in order
    base::channel_id channel;           // in which the next one counts
    base::message_id last_message;      // of that channel
    bool end_lost = false;              // something stood behind the last of them, or may have: what follows goes elsewhere, and some LSNs are left out
    base::system_time read_from;        // Discord's time before the reads began
    protocol::chain_anchor anchor;      // of the checkpoint, else of the database's creation
    std::vector<protocol::log_gap> gaps;
    std::vector<std::string> losses;    // sentences; none: the chain is whole
    std::optional<checkpoint_candidate> base;
    std::optional<protocol::checkpoint_manifest> manifest;
  };
  struct newest_control {
    std::vector<stored_message> messages;  // oldest first
    bool from_beginning = false;           // it has no others
    base::system_time date;                // of the answer that shows the newest,
    base::steady_time asked;               // which was asked for then
  };
  struct row_behind_end {
    std::uint64_t lsn = 0;
    base::channel_id channel;
    base::message_id message;
    std::optional<base::error> failure;
  };
  // By LSN: records are read in any order.
  struct read_groups_result {
    std::map<std::uint64_t, recovered_group> groups;
    std::map<std::uint64_t, std::string> losses;
    std::optional<base::error> failure;
  };
  // Records with a file, by message, each copy of it.
  using attached_records = std::map<base::message_id, const found_record*>;

  // base::errc::stopping: given up.
  actor::task<base::result<void>> pause(base::duration d);
  base::system_time surely_past() const;
  actor::task<base::result<void>> claim(base::steady_time deadline);
  actor::task<base::result<chain>> claim_and_read(base::steady_time deadline, std::optional<loaded_image>& image);
  actor::task<base::result<void>> wait_first(base::steady_time deadline);
  actor::task<base::result<chain>> wait_and_read(base::steady_time deadline);
  actor::task<base::result<void>> list_channels_again(base::system_time behind, base::steady_time deadline);
  actor::task<base::result<void>> wait_until_discord_shows(base::system_time due, base::steady_time deadline);
  // The chain, and what stands in the control channel.
  actor::task<base::result<chain>> read_both(base::steady_time deadline);
  actor::task<base::result<chain>> read_chain();
  actor::task<base::result<void>> list();
  actor::task<base::result<std::optional<chain>>> read_from_checkpoint(checkpoint_candidate candidate, bool record_lost = false);
  actor::task<base::result<chain>> read_from(log_start from);
  actor::task<base::result<bool>> names_checkpoint(chain& seen, const checkpoint_candidate& candidate);
  actor::task<base::result<chain>> settle_on_base(base::steady_time deadline, std::optional<loaded_image>& image);
  void reject(const checkpoint_candidate& candidate, const base::error& why);
  actor::task<base::result<newest_control>> list_control();
  actor::task<base::result<void>> read_control();
  actor::task<base::error> claim_not_shown(base::system_time date);
  chain judge(const protocol::chain_anchor& anchor, walked_log& walked) const;
  void note_lost_end(chain& seen, const walked_log& walked) const;
  actor::task<base::result<chain>> stand_on_newest(chain seen);
  bool may_be_behind(base::channel_id last, const listed_segment& segment) const;
  std::vector<base::channel_id> segments_out_of_reach(const chain& seen, const walked_log& walked) const;
  std::uint64_t number_of(base::channel_id channel, std::uint64_t least) const;
  actor::task<base::result<void>> read_upkeep(chain& seen, recovered_log& out);
  // log_opening_lost.cpp
  static std::uint64_t tip_lsn(const chain& seen);
  static base::message_id message_before(const chain& seen, std::size_t position);
  static base::message_id message_before_losses(const chain& seen, const recovered_log& recovered);
  std::vector<base::channel_id> channels_of_tables() const;
  actor::task<base::result<void>> look_behind_end(chain& seen, base::steady_time deadline);
  actor::task<void> look_behind_end_in(base::channel_id channel, base::message_id tip, base::steady_time deadline, row_behind_end& newest);
  actor::task<base::result<void>> find_lost_rows(const chain& seen, recovered_log& recovered);
  static bool begins_late(const chain& seen);
  scan_task what_to_scan(const chain& seen, const recovered_log& recovered) const;
  actor::task<base::result<void>> make_tables_again(const chain& seen, recovered_log& recovered);
  actor::task<base::result<void>> scan_tables(const chain& seen, recovered_log& recovered);
  // `unclaimed`: the last writer has ended the log, and nobody else has claimed it.
  base::system_time may_start_at(bool unclaimed) const;
  std::uint64_t may_be_lost(const chain& seen) const;
  actor::task<base::result<opened_log>> go_on(chain seen, recovered_log& recovered, base::steady_time deadline);
  actor::task<base::result<opened_log>> start(chain seen, std::uint64_t lsn, base::steady_time deadline);
  actor::task<base::result<std::string>> body_of(found_record& found, base::steady_time deadline);
  actor::task<void> read_group(found_record& found, base::steady_time deadline, read_groups_result& out);
  actor::task<base::result<void>> read_groups(chain& seen, base::steady_time deadline, recovered_log& out);
  // log_opening_deltas.cpp
  actor::task<void> read_deltas(const chain& seen, base::steady_time deadline, read_groups_result& out);
  actor::task<void> read_delta(const listed_delta& delta, const attached_records& wanted, base::steady_time deadline, read_groups_result& out);
  actor::task<base::result<std::vector<protocol::delta_record>>> download_delta(const listed_delta& delta, base::steady_time deadline);
  bool take_body(const found_record& found, std::string body, read_groups_result& out);
  std::vector<log_file> files_without_delta(const chain& seen) const;
  actor::task<base::result<std::string>> upkeep_body(found_record& found);
  call_options request() const { return {priority::commit, env_.after(log_request_time)}; }

  const actor::environment& env_;
  message_store& store_;
  const log_options& options_;
  writer_lease& lease_;
  opening_channels channels_;
  base::system_time channels_listed_{};  // behind that moment of Discord's, if they were listed again
  const std::atomic<bool>& given_up_;
  // Of one attempt to read the log.
  log_reads reads_;
  bool listed_ = false;
  checkpoint_listing listing_;
  std::set<base::message_id> rejected_;  // manifests that cannot be used
  found_deltas deltas_;
  std::map<base::message_id, std::string> upkeep_bodies_;  // of records that are no groups, from deltas
  base::message_id claim_;
  base::steady_time claimed_at_;  // its answer came
  base::system_time control_date_{};  // of the last answer that showed the control channel,
  base::steady_time control_asked_{}; // which was asked for then
  bool alone_ = true;  // no other claim exceeds the tip's epoch
  std::uint64_t tip_epoch_ = 0;
};

}  // namespace dbcord::database
