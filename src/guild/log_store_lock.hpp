#pragma once
// directory_lock: one process at a time in a data directory: flock on DIR/lock, which also tells the holder's pid. Held until
// destroyed; the system releases it when the process dies. Any thread.

#include <filesystem>
#include <memory>

#include "dbcord/base/result.hpp"

namespace dbcord::guild {

class directory_lock {
 public:
  // Creates the directory (0700) where it is missing. When somebody holds the lock, the error names directory and holder.
  static base::result<directory_lock> acquire(const std::filesystem::path& directory);
  directory_lock(directory_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock();

 private:
  explicit directory_lock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dbcord::guild
