#pragma once
// snapshot: a table written into messages of #dbc-snapshots, and read back. Stateless coroutines over the message store. Writing is
// not atomic: parts without their last one are garbage that nothing refers to.

#include "database/database_copies.hpp"
#include "protocol/snapshot_part.hpp"

namespace dbcord::database {

struct table_dump {
  protocol::snapshot_head head;
  std::uint64_t lsn = 0;
  std::vector<std::string> rows;  // JSON, in the order of keys
};

// `part_bytes`: about so many of an attachment; a row is never cut.
actor::task<base::result<snapshot_summary>> write_snapshot(const actor::environment& env, message_store& store, base::channel_id channel,
                                                           table_dump dump, std::size_t part_bytes, call_options options,
                                                           work_progress_ptr progress = {});
// `last`: the message of its last part. Every part is checked against its hash, and their number of rows against what they state.
actor::task<base::result<table_dump>> read_snapshot(message_store& store, base::channel_id channel, base::message_id last,
                                                    call_options options);
// One part as a file, checked against its hash; where its bytes begin in the whole costs a request for each part before it. Empty: the message is a
// part of another kind of snapshot.
actor::task<base::result<std::optional<snapshot_file>>> read_table_part(message_store& store, base::channel_id channel, base::message_id part,
                                                                        call_options options);

}  // namespace dbcord::database
