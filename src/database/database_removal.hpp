#pragma once
// database_removal: takes a database whose drop the log has acknowledged off the guild: first the record in its catalog that names its channels, then
// the channels, the catalog last. Each step finds what an earlier, interrupted one has left, so any process may go on where another stopped.
// Stateless coroutines over the message store; any strand. An error or `false`: try again later.

#include "database/dropped_record.hpp"

namespace dbcord::database {

// Every channel that is there now and is the database's: by its topic, or bound to a table of it.
std::vector<base::channel_id> channels_of_database(const std::vector<channel_info>& present, const std::string& database_id,
                                                   const std::vector<base::channel_id>& bound);

// Writes the record into the catalog. errc::unavailable: not all of it is there for certain.
actor::task<base::result<void>> write_dropped(const actor::environment& env, message_store& store, base::channel_id catalog, dropped_record record,
                                              base::steady_time deadline);

// Deletes all that the record names but the catalog. Channels of the database that came since (their creation was carried out late, or by another process) are
// named by a further record first. True: nothing is left of it.
actor::task<bool> delete_named_channels(const actor::environment& env, message_store& store, base::channel_id catalog, dropped_record& record,
                                        base::steady_time deadline);
// The database's categories, those that hold nothing but perhaps the catalog.
actor::task<bool> delete_empty_categories(const actor::environment& env, message_store& store, base::channel_id catalog, const std::string& name,
                                          base::steady_time deadline);
actor::task<bool> delete_channel_for_good(const actor::environment& env, message_store& store, base::channel_id channel, base::steady_time deadline);

}  // namespace dbcord::database
