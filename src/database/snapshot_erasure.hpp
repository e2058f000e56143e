#pragma once
// snapshot_erasure: finds the snapshots that hold a certain row, for purging it. A stateless coroutine over the message store.

#include "database/snapshot.hpp"

namespace dbcord::database {

struct snapshot_findings {
  std::vector<std::vector<base::message_id>> holding;  // the messages of each snapshot that has the row
  std::uint64_t looked_at = 0;
  std::uint64_t unreadable = 0;  // unfinished or damaged: what is in them is not known
};

// Reads every snapshot in the channel, one after another.
actor::task<base::result<snapshot_findings>> find_in_snapshots(message_store& store, base::channel_id channel, std::string table, std::string key,
                                                               call_options options);

}  // namespace dbcord::database
