#pragma once
// needed_records: the messages of the log that a start may need: its acknowledged records behind the older of the two kept checkpoints. And those of them that people
// have deleted, until both kept checkpoints stand behind them. Written on the log actor's strand and the checkpointer's, asked from any thread. Plain data behind a mutex
// that is never held across a suspension. At most `records_max` are remembered; of older ones, where checkpoints fail for so long, only the ids between which they lie.

#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

class needed_records {
 public:
  static constexpr std::size_t records_max = 65'536;  // 1 MiB; a checkpoint is due after a few hundred
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  // With a higher LSN than all before.
  void add(std::uint64_t lsn, base::message_id message);
  // No start needs records up to that LSN any more.
  void forget_to(std::uint64_t lsn);
  // How many of them are needed; they are lost then.
  std::size_t note_deleted(const std::vector<base::message_id>& messages);
  // A channel that held those up to `last_lsn`; `never`: in which the log goes on. True: some of them are needed.
  bool note_channel_deleted(std::uint64_t first_lsn, std::uint64_t last_lsn);
  struct losses {
    std::size_t messages = 0;
    std::size_t channels = 0;
    // Checkpoints can take their place.
    bool can_be_left_behind = false;
  };
  losses lost() const;

 private:
  struct record {
    std::uint64_t lsn = 0;
    base::message_id message;
  };
  struct range {
    std::uint64_t last_lsn = 0;
    base::message_id first, last;
  };

  mutable std::mutex mutex_;
  std::vector<record> records_;  // by LSN
  std::optional<range> not_remembered_;
  std::vector<std::uint64_t> lost_;           // by LSN each
  std::vector<std::uint64_t> lost_channels_;  // the last of each
};

}  // namespace dbcord::database
