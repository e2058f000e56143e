#pragma once
// row_file: whether the file of a row's message holds the row. Discord may have cut it, and the process that saw so in the echo may be gone: a heading alone proves
// nothing of it. Stateless coroutines; any strand.

#include "database/message_store.hpp"
#include "database/table_actor.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {

// The table counts a row's message that was found in that channel: as a place, or as garbage. An error: its file could not be looked at; the message counts for nothing.
actor::task<base::result<void>> count_row(message_store& store, table_ptr table, base::channel_id channel, const protocol::row_header& header,
                                          const stored_message& message, call_options options);

}  // namespace dbcord::database
