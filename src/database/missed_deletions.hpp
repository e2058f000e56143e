#pragma once
// missed_deletions: which messages people have deleted without the gateway telling us: the bot was down, or its session was lost. Stateless; any strand.
//
// A listing that lacks a message proves nothing by itself: it may be behind, and without READ_MESSAGE_HISTORY every channel looks empty (Discord docs, Get
// Channel Messages). So each one that is not shown is asked for by its id.

#include <functional>
#include <set>
#include <vector>

#include "database/message_store.hpp"

namespace dbcord::database {

// Those of `expected` that are gone from the channel; one request for a hundred that lie side by side. base::errc::stopping once `given_up`.
actor::task<base::result<std::vector<base::message_id>>> find_missing(message_store& store, base::channel_id channel, std::set<base::message_id> expected,
                                                                      call_options options, std::function<bool()> given_up);

}  // namespace dbcord::database
