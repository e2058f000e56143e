#pragma once
// local_guild_history: brings a guild back from its directory: the newest sound snapshot, then the log behind it. A snapshot that
// is damaged is passed over with a warning, since the one before it is kept, and the log since then.
//
// Owner: local_guild, while it opens. Blocks on the disk.

#include <optional>

#include "guild/log_store.hpp"
#include "guild/snapshot_file.hpp"

namespace dbcord::guild {

class local_guild_history final : public core_history {
 public:
  local_guild_history(std::filesystem::path directory, log_store& log, log_files& files = posix_log_files())
      : directory_(std::move(directory)), log_(log), files_(files) {}

  base::result<void> replay(history_sink& to) override;

  // What a person should know: damage passed over, an unfinished write cut off.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // The snapshot in use.
  const kept_snapshot& snapshot() const { return snapshot_; }
  // The highest number of any snapshot, damaged ones included.
  std::uint32_t last_number() const { return last_number_; }

 private:
  base::result<std::optional<loaded_snapshot>> newest_sound();

  std::filesystem::path directory_;
  log_store& log_;
  log_files& files_;
  std::vector<std::string> warnings_;
  kept_snapshot snapshot_;
  std::uint32_t last_number_ = 0;
};

}  // namespace dbcord::guild
