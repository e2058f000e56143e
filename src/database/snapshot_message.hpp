#pragma once
// snapshot_message: a message of #dbc-snapshots and what is attached to it, read and checked, whatever kind of snapshot it is of.
// Stateless coroutines over the message store.

#include <string>
#include <vector>

#include "database/message_store.hpp"

namespace dbcord::database {

// errc::damaged: the snapshot cannot be used, and why.
base::error unusable_snapshot(std::string what);

// Of our own; errc::damaged when it is not there.
actor::task<base::result<stored_message>> fetch_snapshot_message(message_store& store, base::channel_id channel, base::message_id message,
                                                                 call_options options);
// The attachment; errc::damaged when it is not there or its hash is another.
actor::task<base::result<std::string>> download_snapshot_part(message_store& store, std::vector<attachment_info> attachments, std::uint64_t number,
                                                              std::string hash, call_options options);

}  // namespace dbcord::database
