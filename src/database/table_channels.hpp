#pragma once
// table_channels: in which channel a table's messages lie. While a table moves into a fresh channel (move_table) that is two: its messages in the retiring one
// are those up to `last`, the newest that was known when the move was decided. The ids of different channels may come out of order, so a message of the new
// channel counts only if its id is greater than `last`, and one of the retiring channel only if it is not; so the id alone tells the channel. What does not
// count is a copy: of the retiring channel it goes with that, in the new one the row is written once more. Plain data.

#include <vector>

#include "database/message_range.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct table_channels {
  base::channel_id current;
  base::channel_id retiring;  // zero: none
  base::message_id last;      // of the retiring one's messages that count
  bool drained = false;       // nothing lies in the retiring one any more: it may go when checkpoints know that

  bool retires(base::message_id message) const { return retiring && message && message <= last; }
  base::channel_id of(base::message_id message) const { return retires(message) ? retiring : current; }
  // Of one of the two.
  message_range range_of(base::channel_id channel) const { return channel == current ? message_range{last} : message_range{{}, last}; }
  std::vector<base::channel_id> all() const { return retiring ? std::vector{current, retiring} : std::vector{current}; }
  bool contains(base::channel_id channel) const { return channel == current || (retiring && channel == retiring); }
  // Whether that message of that channel can be the place of anything.
  bool counts(base::channel_id channel, base::message_id message) const {
    if (channel == current) return !retiring || message > last;
    return retiring && channel == retiring && message <= last && !drained;
  }
};

}  // namespace dbcord::database
