#pragma once
// log_store: the append-only, checksummed log of a guild, in segment files log-000001.dbl, … of one directory. Format and
// failure modes: README.md, "Store".
//
// Owner: local_guild; one thread at a time (the committer's, once the server runs). It holds the directory's lock.
// Failures: open() truncates an unfinished write at the very end and says so in a warning; any other damage is refused with
// file and offset. A failed write or sync is final: the state of the file is unknown then, so every later append() answers
// the same error and no sync is tried again.
// Limits: a record has 1 byte to 64 MiB. load() holds one segment in memory.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guild/core_storage.hpp"
#include "guild/log_store_files.hpp"
#include "guild/log_store_frame.hpp"
#include "guild/log_store_lock.hpp"

namespace dbcord::guild {

// When append() waits for the disk: at every batch; not, but sync() is called every sync_interval (a power failure loses that
// much); not at all (it loses what the system has not written yet). A killed process loses nothing in any mode.
enum class sync_mode { always, interval, never };
inline constexpr std::chrono::milliseconds sync_interval{100};

struct log_store_options {
  std::uint64_t segment_size = 64 * 1024 * 1024;  // bytes, after which the next batch begins a new segment
  std::uint64_t preallocation = 1024 * 1024;      // bytes written as zeros ahead: a sync then need not change the file's size
  sync_mode sync = sync_mode::always;
  const base::clock* clock = nullptr;             // with `synced`
  std::function<void(base::duration)> synced{};   // told how long append() or sync() waited for the disk
};

struct opened_log;

class log_store {
 public:
  using record_sink = std::function<base::result<void>(std::string_view record, record_place place)>;

  // Takes the lock, reads nothing yet. `files` outlives the store.
  static base::result<std::unique_ptr<log_store>> lock(const std::filesystem::path& directory, log_store_options options = {},
                                                       log_files& files = posix_log_files());
  // Hands over the records behind the sequence number `after`, which a snapshot holds (0: all), and gets ready for append(). Once.
  // Answers what a person should know: what was cut off, where.
  base::result<std::optional<std::string>> load(std::uint64_t after, const record_sink& sink);

  // Both, all records in memory.
  static base::result<opened_log> open(const std::filesystem::path& directory, log_store_options options = {},
                                       log_files& files = posix_log_files());
  ~log_store();

  // The records are durable, all of them, when this succeeds (with sync_mode::always); on an error any number of them may turn
  // out to be.
  base::result<void> append(const std::vector<std::string>& records);
  // Where the records of the last append() lie.
  std::vector<record_place> take_places() { return std::move(places_); }
  // Bytes of the records that load() has handed over.
  std::uint64_t loaded_bytes() const { return loaded_bytes_; }
  // The sequence number of the last record.
  std::uint64_t last_sequence() const { return next_sequence_ - 1; }
  // Waits for the disk if append() did not and the mode is not `never`.
  base::result<void> sync();
  bool unsynced() const { return unsynced_; }

  // Marks the last batch as complete, so that damage to it cannot be taken for an unfinished write. Nothing can be appended
  // afterwards.
  base::result<void> close();

 private:
  log_store(std::filesystem::path directory, log_store_options options, log_files& files, directory_lock lock);
  base::result<std::optional<std::string>> load_segments(std::uint64_t after, const record_sink& sink);
  base::result<std::vector<std::uint32_t>> find_segments();
  base::result<std::size_t> first_needed(const std::vector<std::uint32_t>& segments, std::uint64_t after);
  base::result<std::optional<std::string>> load_segment(std::uint32_t number, bool last, std::uint64_t after,
                                                        const record_sink& sink);
  base::result<void> write(const std::vector<std::string>& records);
  base::result<void> begin_segment();
  base::result<void> end_segment();
  base::result<void> preallocate();
  base::result<void> wait_for_disk();
  std::filesystem::path segment_path(std::uint32_t number) const;

  std::filesystem::path directory_;
  log_store_options options_;
  log_files& files_;
  directory_lock lock_;
  std::unique_ptr<log_file> file_;   // the last segment
  std::uint32_t segment_ = 0;        // its number
  std::uint64_t end_ = 0;            // of its frames
  std::uint64_t allocated_ = 0;      // its size, zeros included
  std::uint64_t next_sequence_ = 1;
  bool unsynced_ = false;            // sync() has something to do
  bool sealed_ = true;               // nothing was appended since the last seal
  std::uint64_t loaded_bytes_ = 0;
  std::vector<record_place> places_;
  std::optional<base::error> failure_;
};

// Of the segment in that file; refuses damage and other versions.
base::result<segment_header> read_segment_header(const std::filesystem::path& path, log_files& files);

struct opened_log {
  std::unique_ptr<log_store> store;
  std::vector<std::string> records;
  std::optional<std::string> warning;  // for the person: what was cut off, where
};

}  // namespace dbcord::guild
