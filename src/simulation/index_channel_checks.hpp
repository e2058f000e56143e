#pragma once
// index_channel_checks: what must hold between a table's rows and the channels of its indexes once nothing happens any more: the newest base and the changes
// behind it come to what the rows give. Looks at the guild directly, past network and scheduler. One thread (the world's).

#include "simulation/store_checks.hpp"

namespace dbcord::simulation {

// Waits until every channel shows all of its index, then reads them; what is still wrong after `limit` is a violation. `tidy`: nothing else lies there, and no channel is
// that of an index which has none; so it is behind a start, which looks at what late requests have left.
std::vector<std::string> await_index_channels(world& w, simulated_guild& guild, supervisor& bot, const std::vector<table_content>& memory, bool tidy,
                                              base::duration limit);
// Its pure part: the messages of one channel against the rows.
std::vector<std::string> check_index_pages(const table_content& memory, const std::string& field, const std::vector<seen_message>& messages, bool tidy);
std::vector<base::channel_id> channels_of_indexes(simulated_guild& guild);

}  // namespace dbcord::simulation
