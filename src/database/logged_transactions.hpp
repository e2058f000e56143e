#pragma once
// What a commit group's record in the log holds, read from its message. Stateless; any executor.

#include <vector>

#include "database/log_segments.hpp"
#include "database/message_store.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// errc::damaged: the message is no such record, or holds something else than was written; store_errc::not_found: it is gone.
actor::task<base::result<std::vector<protocol::transaction>>> read_transactions(message_store& store, const log_segments& log, std::uint64_t lsn,
                                                                                base::message_id log_message, call_options options);
// The same of a message that is read already.
actor::task<base::result<std::vector<protocol::transaction>>> transactions_in(message_store& store, stored_message message, call_options options);

}  // namespace dbcord::database
