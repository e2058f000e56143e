#pragma once
// local_guild_snapshots: decides when a snapshot is due, has it written on a thread of its own, and removes what it supersedes.
//
// Owner: local_guild. committed() and the functions given to the strand run on the server's strand; the work in between on the thread.
// Two snapshots are kept, and the log since the older one, so that a damaged newest one loses nothing.
// Failures: a snapshot that cannot be written is logged and tried again when as much has been written once more; nothing is
// removed before the next one is durable. Limits: one at a time; the strand is held while the table of messages is copied (24
// bytes each) and while the copied places are put into it.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "actor/environment.hpp"
#include "dbcord/base/unique_function.hpp"
#include "guild/core.hpp"
#include "guild/snapshot_file.hpp"

namespace dbcord::guild {

struct snapshot_policy {
  std::uint64_t log_bytes_min = 32 * 1024 * 1024;  // written behind the last snapshot, or half its size if that is more
};

class local_guild_snapshots {
 public:
  // Runs on the strand with the core, unless the server has stopped.
  using strand_work = base::unique_function<void(core&)>;
  using strand_runner = std::function<void(strand_work)>;

  local_guild_snapshots(const actor::environment& env, std::filesystem::path directory, snapshot_policy policy,
                        log_files& files = posix_log_files());
  ~local_guild_snapshots() { stop(); }
  local_guild_snapshots(const local_guild_snapshots&) = delete;
  local_guild_snapshots& operator=(const local_guild_snapshots&) = delete;

  // Before anything else: what the directory holds, and how to reach the strand.
  // `sequence` is that of the last record in the log now, `log_bytes` what lies behind the newest snapshot.
  void begin(kept_snapshot newest, std::uint32_t last_number, std::uint64_t sequence, std::uint64_t log_bytes,
             strand_runner on_strand);
  // After a commit of records: how many there are since the guild was opened, all of them durable, and their bytes.
  void committed(core& served, std::uint64_t records, std::uint64_t bytes);
  // Gives up what is being written; waits for the thread.
  void stop();
  std::uint64_t written() const { return written_; }
  // Called on the strand when superseded files are gone.
  std::function<void()> cleaned;

 private:
  enum class state { idle, waiting, writing };  // waiting: until all of it is durable
  struct job;

  void write(std::shared_ptr<job> work);
  void moved(core& served, std::shared_ptr<job> work);
  void clean(std::shared_ptr<job> work);
  void run(base::unique_function<void()> work);

  const actor::environment& env_;
  std::filesystem::path directory_;
  snapshot_policy policy_;
  log_files& files_;
  strand_runner on_strand_;
  state state_ = state::idle;
  std::shared_ptr<job> waiting_;
  kept_snapshot newest_;
  std::uint32_t last_number_ = 0;
  std::uint64_t sequence_before_ = 0;  // of the last record when the guild was opened
  std::uint64_t bytes_ = 0;            // of the log since the last snapshot was taken or tried
  std::uint64_t records_ = 0;          // durable ones since the guild was opened
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace dbcord::guild
