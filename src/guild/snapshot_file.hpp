#pragma once
// The files snapshot-000001.dbs, …: all that a guild was at one sequence number of its log, so that a start reads no more than
// the newest snapshot's directory part and the log behind it. Format and failure modes: README.md, "Store".
//
// Plain functions that block on the disk; any thread. A snapshot appears whole, by rename, or not at all.

#include <atomic>
#include <filesystem>

#include "guild/core_storage.hpp"
#include "guild/log_store_files.hpp"

namespace dbcord::guild {

inline constexpr std::uint32_t snapshot_format_version = 1;

// One that is there and sound.
struct kept_snapshot {
  std::uint32_t number = 0;    // 0: none
  std::uint64_t sequence = 0;  // of the last record of the log that it holds
  std::uint64_t size = 0;      // bytes
};

struct snapshot_target {
  std::filesystem::path directory;
  std::uint32_t number = 0;    // of the snapshot, from 1
  std::uint64_t sequence = 0;  // of the last record of the log that it holds
};

struct written_snapshot {
  std::uint64_t size = 0;            // bytes of the file
  std::vector<record_place> places;  // of the bodies, in the order of the content's messages
};

// Copies the bodies from where they lie, writes everything into a draft and waits for the disk. Fails with errc::stopping when
// `stop` becomes true.
base::result<written_snapshot> write_snapshot(const snapshot_target& target, const core_snapshot& content, record_reader& bodies,
                                              log_files& files, const std::atomic<bool>& stop);
// Gives the draft its name. The log must be durable up to the target's sequence number.
base::result<void> publish_snapshot(const snapshot_target& target, log_files& files);

// What a start needs of a snapshot: everything but the bodies, which stay where they are. All of it has been checked.
struct loaded_snapshot {
  std::uint64_t sequence = 0;
  std::uint64_t size = 0;  // bytes of the file
  std::vector<std::string> records;
  std::vector<channel_messages> messages;
};
base::result<loaded_snapshot> load_snapshot(const std::filesystem::path& directory, std::uint32_t number, log_files& files);

}  // namespace dbcord::guild
