#pragma once
// row_file: whether the file of a row's message holds the row. Discord may have cut it, and the process that saw so in the echo may be gone: a heading alone proves
// nothing of it. Stateless coroutines; any strand.

#include "database/message_store.hpp"
#include "database/table_actor.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {

// False: the message must not become the place of what its heading names. Reads the file only where the table does not know its size. An error may pass.
actor::task<base::result<bool>> file_is_whole(message_store& store, table_ptr table, const protocol::row_header& header, const stored_message& message,
                                              call_options options);

}  // namespace dbcord::database
