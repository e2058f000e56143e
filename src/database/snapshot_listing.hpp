#pragma once
// snapshot_listing: the snapshots that lie in #dbc-snapshots, as their messages tell; no attachment is read. A stateless coroutine over the message store.

#include <vector>

#include "database/database_copies.hpp"

namespace dbcord::database {

struct listed_snapshot {
  kept_snapshot summary;
  std::vector<base::message_id> messages;  // also those that a lost answer has left twice
};

// Of both kinds, in the order in which they were taken.
actor::task<base::result<std::vector<listed_snapshot>>> list_snapshot_messages(message_store& store, base::channel_id channel, call_options options);

}  // namespace dbcord::database
