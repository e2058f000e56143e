#pragma once
// Reads log records out of Discord messages. Stateless coroutines over the message store; awaited by the log actor.

#include <vector>

#include "database/message_store.hpp"
#include "protocol/log_chain.hpp"

namespace dbcord::database {

struct found_record {
  protocol::chain_record record;
  stored_message message;
};

// Every record by ourselves in `channel`, in message order, and the Date of the last answer.
actor::task<base::result<dated<std::vector<found_record>>>> read_log(message_store& store, base::channel_id channel,
                                                                     base::message_id after, call_options options);
// The record in a message by ourselves; empty for anything else (foreign messages, damaged headers).
std::optional<found_record> as_record(const message_store& store, const stored_message& message);
// The body, from the content or the downloaded attachment, checked against its hash.
actor::task<base::result<std::string>> read_body(message_store& store, found_record found, call_options options);

// All messages of a channel above `after`, oldest first, page by page. store_errc::not_done when Discord hides what is there.
actor::task<base::result<dated<std::vector<stored_message>>>> read_all(message_store& store, base::channel_id channel,
                                                                       base::message_id after, call_options options);

}  // namespace dbcord::database
