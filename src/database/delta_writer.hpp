#pragma once
// delta_writer, one per checkpointer: writes deltas (protocol/checkpoint_delta) of what stands behind the newest checkpoint, so that a start need not download the
// file of each record. Nothing rests on them: no record of the log names them, and they are deleted without one. Whoever else writes or deletes them, at the same time
// even, costs a later start some downloads.
//
// Used by the checkpointer's loop, on its strand; the log outlives it. A failure leaves all as it was but for a message that a later call finds and deletes. Memory: what
// one delta holds, at most checkpoint_options::part_bytes, two or three times while it is put together.

#include <functional>
#include <map>

#include "database/checkpoint_options.hpp"
#include "database/delta_choice.hpp"
#include "database/log_actor.hpp"

namespace dbcord::database {

class delta_writer {
 public:
  // So many at most, so that they and the manifests are told by one listing.
  static constexpr std::size_t deltas_max = 64;

  // `given_up`: asked between requests.
  delta_writer(const actor::environment& env, message_store& store, const checkpoint_options& options, log_actor& log, std::function<bool()> given_up)
      : env_(env), store_(store), options_(options), log_(log), given_up_(std::move(given_up)) {}

  // What the start has found.
  void begin(found_deltas found);
  // A checkpoint holds all up to `lsn`. The deltas before it are the checkpointer's to remove.
  void begin_anew(std::uint64_t lsn);
  bool due();
  // One more, and away with those that it replaces. False: none was written, since nothing to write it of is shown yet. store_errc::not_found: the channel is gone.
  actor::task<base::result<bool>> write(base::channel_id channel);

 private:
  using listing = std::vector<stored_message>;
  struct copied_files {
    std::map<std::uint64_t, std::string> bodies;  // by LSN
    std::optional<base::error> failure;           // that may pass
  };
  struct merged {
    std::vector<protocol::delta_record> records;
    std::size_t deltas = 0;  // so many of known_, up to `end`
    std::size_t end = 0;
  };

  std::vector<log_file> next_run();
  actor::task<base::result<listing>> list(base::channel_id channel);
  actor::task<base::result<std::map<base::message_id, attachment_info>>> find_files(std::vector<log_file> run);
  std::vector<log_file> those_shown(std::vector<log_file> run, const std::map<base::message_id, attachment_info>& shown);
  actor::task<base::result<copied_files>> copy(std::vector<log_file> run);
  actor::task<void> copy_one(log_file file, attachment_info info, copied_files& out);
  merged what_to_merge(std::uint64_t before, std::uint64_t bytes) const;
  actor::task<merged> merge(const listing& shown, std::uint64_t before, std::uint64_t bytes);
  actor::task<void> read(const listing& shown, known_delta delta, base::result<std::vector<protocol::delta_record>>& out);
  actor::task<base::result<void>> post(base::channel_id channel, protocol::encoded_delta delta, const merged& replaced);
  actor::task<base::result<void>> remove_useless(base::channel_id channel);
  actor::task<void> remove(base::channel_id channel, base::message_id message, base::result<void>& done);
  call_options request() const { return {priority::maintenance, env_.after(delta_request_time)}; }

  static constexpr base::duration delta_request_time = std::chrono::minutes(1);

  const actor::environment& env_;
  message_store& store_;
  const checkpoint_options& options_;
  log_actor& log_;
  std::function<bool()> given_up_;
  std::vector<known_delta> known_;          // by LSN, none overlaps another
  std::vector<base::message_id> useless_;   // not deleted yet
};

}  // namespace dbcord::database
