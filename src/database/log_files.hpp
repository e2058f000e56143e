#pragma once
// log_files: the acknowledged records of the log whose body is a file and that neither a checkpoint nor a delta holds: a start downloads each. Written on the
// log actor's strand, read and forgotten on the checkpointer's. Plain data behind a mutex that is never held across a suspension. At most `files_max` are
// remembered; older ones are then never part of a delta.

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct log_file {
  std::uint64_t lsn = 0;
  base::channel_id channel;
  base::message_id message;
  std::uint64_t size = 0;  // bytes
  std::string hash;        // record_hash of them
};

class log_files {
 public:
  static constexpr std::size_t files_max = 4096;  // about 0.5 MiB

  // With a higher LSN than all before.
  void add(log_file file);
  void forget(std::uint64_t first_lsn, std::uint64_t last_lsn);
  std::size_t size() const;
  std::vector<log_file> all() const;  // by LSN

 private:
  mutable std::mutex mutex_;
  std::vector<log_file> files_;
};

}  // namespace dbcord::database
