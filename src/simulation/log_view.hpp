#pragma once
// log_view: the log of the workload's database as a person finds it in the guild (owner_view). One thread (the world's).

#include "protocol/channel_topic.hpp"
#include "protocol/log_record.hpp"
#include "simulation/owner_view.hpp"

namespace dbcord::simulation {

struct logged_record {
  base::channel_id channel;
  base::message_id message;
  protocol::log_header header;
  base::channel_id roll_to;  // of a roll: where the log goes on
  std::vector<base::message_id> copies = {};  // the same record, sent again after its nonce had been forgotten
};

// Channels of the workload's database.
std::vector<seen_channel> channels_of(simulated_guild& guild, protocol::channel_role role);
// The records that count, oldest first: from the newest back to those whose predecessor is not there.
std::vector<logged_record> log_chain_in(simulated_guild& guild);
// What the log's newest segment begins with; behind a roll the next one, which holds nothing yet.
std::uint64_t first_lsn_of_newest_segment(simulated_guild& guild);

}  // namespace dbcord::simulation
