#pragma once
// log_segments: in which channels the log of one database lies, by LSN (design.md section 1, #dbc-wal-N). Written by the log actor, at opening and
// when it rolls or drops; read from any thread. Plain data behind a mutex that is never held across a suspension.

#include <mutex>
#include <vector>

#include "protocol/roll_record.hpp"

namespace dbcord::database {

class log_segments {
 public:
  // Begins with one segment, which holds everything.
  explicit log_segments(base::channel_id first) : all_{{1, first, 1}} {}

  void assign(std::vector<protocol::log_segment> all);
  void add(protocol::log_segment next);
  void remove(base::channel_id dropped);

  protocol::log_segment current() const;
  // The channel before the current one; zero: none.
  base::channel_id previous() const;
  std::vector<protocol::log_segment> all() const;  // oldest first, never empty
  // The channel that holds, or held, the record; the oldest one for records that are truncated.
  base::channel_id channel_of(std::uint64_t lsn) const;
  bool contains(base::channel_id channel) const;
  std::uint64_t first_lsn() const;

 private:
  mutable std::mutex mutex_;
  std::vector<protocol::log_segment> all_;
};

}  // namespace dbcord::database
