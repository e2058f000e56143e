#pragma once
// Reads log records out of Discord messages. Stateless coroutines over the message store; awaited by the log actor.

#include <map>
#include <set>
#include <vector>

#include "database/log_reads.hpp"
#include "protocol/log_chain.hpp"

namespace dbcord::database {

struct found_record {
  protocol::chain_record record;
  stored_message message;
  // The same record, sent again after its answer was lost when Discord did not know its nonce any more. Any of them may be the one that is whole, and the one whose
  // id is known elsewhere.
  std::vector<stored_message> copies = {};
};

// Every record by ourselves in `channel`, in message order, each copy by itself, and the Date of the last answer.
actor::task<base::result<dated<std::vector<found_record>>>> read_log(message_store& store, base::channel_id channel,
                                                                     base::message_id after, call_options options);
// Where a log is read from: behind a record, in the messages above `after` (zero: all).
struct log_start {
  protocol::chain_anchor anchor;
  base::message_id after;
};
// From a checkpoint: ids of messages that were sent one after another may disagree with that order by as much as Discord's clocks do.
log_start start_behind(protocol::chain_anchor anchor, base::message_id record);

// Every record by ourselves, once, in the first of `channels` above `after`, in the others, and in every channel that a roll among them leads to.
struct walked_log {
  std::vector<found_record> records;                       // of a roll the channel is filled in
  std::map<base::channel_id, base::message_id> last;       // of each channel that was read: its newest message; zero: none
  std::set<base::channel_id> missing;                      // not there (any more)
  std::set<base::channel_id> emptied;                      // of which somebody has deleted all messages
  base::system_time date;                                  // of the last answer
};
actor::task<base::result<walked_log>> walk_log(message_store& store, log_reads& reads, std::vector<base::channel_id> channels, base::message_id after,
                                               call_options options);
// The record in a message by ourselves; empty for anything else (foreign messages, damaged headers).
std::optional<found_record> as_record(const message_store& store, const stored_message& message);
// The body, from the content or the downloaded attachment, checked against its hash: of the first copy that is well, which becomes `message`. The error is that of
// the first that was tried.
actor::task<base::result<std::string>> read_body(message_store& store, found_record& found, call_options options);

// Of a body: what it was is lost, as far as Discord can tell; any other error may pass.
bool is_damage_of_body(const base::error& e);

class channel_pages;
// All that `pages` still has, oldest first.
actor::task<base::result<dated<std::vector<stored_message>>>> read_rest(channel_pages& pages, call_options options);
// All messages of a channel above `after`, oldest first, page by page. store_errc::not_done when Discord hides what is there.
actor::task<base::result<dated<std::vector<stored_message>>>> read_all(message_store& store, base::channel_id channel,
                                                                       base::message_id after, call_options options);

}  // namespace dbcord::database
