#pragma once
// snapshot_listing: the snapshots that lie in #dbc-snapshots, as their messages tell; no attachment is read. A stateless coroutine over the message store.

#include <functional>
#include <vector>

#include "database/database_copies.hpp"

namespace dbcord::database {

struct listed_snapshot {
  kept_snapshot summary;
  std::vector<base::message_id> messages;  // also those that a lost answer has left twice
};

// Calls `visit` for each message of ours in #dbc-snapshots, oldest first; all of them may have been dropped.
actor::task<base::result<void>> each_snapshot_message(message_store& store, base::channel_id channel, std::function<void(const stored_message&)> visit,
                                                      call_options options);
// Of both kinds, in the order in which they were taken.
actor::task<base::result<std::vector<listed_snapshot>>> list_snapshot_messages(message_store& store, base::channel_id channel, call_options options);

}  // namespace dbcord::database
