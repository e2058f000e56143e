#pragma once
// log_store: the append-only, checksummed log of a guild, in segment files log-000001.dbl, … of one directory. Format and
// failure modes: README.md, "Store".
//
// Owner: local_guild; one thread at a time (the committer's, once the server runs). It holds the directory's lock.
// Failures: open() truncates an unfinished write at the very end and says so in a warning; any other damage is refused with
// file and offset. A failed write or sync is final: the state of the file is unknown then, so every later append() answers
// the same error and no sync is tried again.
// Limits: a record has 1 byte to 64 MiB. open() holds one segment and all records in memory.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guild/log_store_files.hpp"
#include "guild/log_store_lock.hpp"

namespace dbcord::guild {

struct log_store_options {
  std::uint64_t segment_size = 64 * 1024 * 1024;  // bytes, after which the next batch begins a new segment
  std::uint64_t preallocation = 1024 * 1024;      // bytes written as zeros ahead: a sync then need not change the file's size
};

struct opened_log;

class log_store {
 public:
  // `files` outlives the store.
  static base::result<opened_log> open(const std::filesystem::path& directory, log_store_options options = {},
                                       log_files& files = posix_log_files());
  ~log_store();

  // The records are durable, all of them, when this succeeds; on an error any number of them may turn out to be.
  base::result<void> append(const std::vector<std::string>& records);

  // Marks the last batch as complete, so that damage to it cannot be taken for an unfinished write. Nothing can be appended
  // afterwards.
  base::result<void> close();

 private:
  log_store(std::filesystem::path directory, log_store_options options, log_files& files, directory_lock lock);
  base::result<void> load(std::vector<std::string>& records, std::optional<std::string>& warning);
  base::result<void> load_segment(std::uint32_t number, bool last, std::vector<std::string>& records,
                                  std::optional<std::string>& warning);
  base::result<void> write(const std::vector<std::string>& records);
  base::result<void> begin_segment();
  base::result<void> end_segment();
  base::result<void> preallocate();
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
  bool sealed_ = true;               // nothing was appended since the last seal
  std::optional<base::error> failure_;
};

struct opened_log {
  std::unique_ptr<log_store> store;
  std::vector<std::string> records;
  std::optional<std::string> warning;  // for the person: what was cut off, where
};

}  // namespace dbcord::guild
