#pragma once
// snapshot_listing: the snapshots that lie in #dbc-snapshots, as their messages tell; no attachment is read. A stateless coroutine over the message store.

#include <functional>
#include <vector>

#include "database/database_copies.hpp"

namespace dbcord::database {

// What of a snapshot is not there, or not as its parts say.
struct snapshot_flaw {
  std::string what;
  base::message_id message;  // where that shows
};

struct listed_snapshot {
  kept_snapshot summary;
  std::vector<base::message_id> messages;  // in ascending order; also those that a lost answer has left twice
  std::string token;                       // the same in all its parts
  bool ended = false;                      // its last part is there, which says that there are no more
  std::vector<snapshot_flaw> flaws = {};   // of one that has ended; none: it is whole
  std::vector<base::message_id> spare = {};  // of one that is whole: parts that stand elsewhere as well
};

struct snapshot_listing {
  std::vector<listed_snapshot> snapshots;    // of both kinds, in the order in which they were taken
  std::vector<base::message_id> strangers;   // messages of somebody else
  std::vector<base::message_id> no_parts;    // of ours, of no snapshot
  base::system_time date;                    // of the last answer
};

// Calls `visit` for each message of ours in #dbc-snapshots, oldest first; all of them may have been dropped.
actor::task<base::result<void>> each_snapshot_message(message_store& store, base::channel_id channel, std::function<void(const stored_message&)> visit,
                                                      call_options options);
// What all messages of #dbc-snapshots tell, whosever they are.
actor::task<base::result<snapshot_listing>> read_snapshot_listing(message_store& store, base::channel_id channel, call_options options);
// The snapshots of that.
actor::task<base::result<std::vector<listed_snapshot>>> list_snapshot_messages(message_store& store, base::channel_id channel, call_options options);

}  // namespace dbcord::database
