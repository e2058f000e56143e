#pragma once
// What log_store asks of a disk, so that a test can fail any write or sync. posix_log_files() is the real one.
//
// Any thread, but one at a time for one file. Every failure is an error with the path in its text; short writes have been
// completed or have failed.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::guild {

class log_file {
 public:
  virtual ~log_file() = default;
  virtual base::result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  // fdatasync. After a failure nothing is known of what was written since the last success (never ask again).
  virtual base::result<void> sync() = 0;
  virtual base::result<void> truncate(std::uint64_t size) = 0;
};

class log_files {
 public:
  virtual ~log_files() = default;
  // Creates it (0600) where it is missing.
  virtual base::result<std::unique_ptr<log_file>> open(const std::filesystem::path& path) = 0;
  virtual base::result<std::string> read(const std::filesystem::path& path) = 0;
  // At most `count` bytes; fewer where it ends before.
  virtual base::result<std::string> read_at(const std::filesystem::path& path, std::uint64_t offset, std::size_t count) = 0;
  virtual base::result<std::uint64_t> size(const std::filesystem::path& path) = 0;
  // File names, sorted.
  virtual base::result<std::vector<std::string>> list(const std::filesystem::path& directory) = 0;
  virtual base::result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual base::result<void> remove(const std::filesystem::path& path) = 0;
  // Makes names durable.
  virtual base::result<void> sync_directory(const std::filesystem::path& directory) = 0;
};

log_files& posix_log_files();
// The same, but no sync waits for anything: for files that a power failure may take.
log_files& unsynced_log_files();

}  // namespace dbcord::guild
