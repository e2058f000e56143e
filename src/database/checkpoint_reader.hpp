#pragma once
// checkpoint_reader: finds checkpoints among the messages of #dbc-checkpoints and reads one whole. Whether one counts is the log's to say
// (log_opening). Stateless coroutines over the message store; awaited on the log actor's strand at opening.

#include <vector>

#include "database/loaded_image.hpp"
#include "database/message_store.hpp"
#include "protocol/checkpoint_delta.hpp"
#include "protocol/checkpoint_manifest.hpp"

namespace dbcord::database {

struct checkpoint_candidate {
  stored_message message;  // its manifest
  protocol::manifest_header header;
};

struct listed_delta {
  stored_message message;
  protocol::delta_header header;
};

struct checkpoint_listing {
  std::vector<checkpoint_candidate> candidates;  // the highest LSN first
  std::vector<stored_message> messages;          // every message of ours that was read, by id; but for deltas
  std::vector<listed_delta> deltas;
};

// Reads backwards until two manifests are found or the channel ends.
actor::task<base::result<dated<checkpoint_listing>>> list_checkpoints(message_store& store, base::channel_id channel, call_options options);

// errc::damaged when what was read can never be used; any other error is the store's.
actor::task<base::result<protocol::checkpoint_manifest>> read_manifest(message_store& store, checkpoint_candidate candidate,
                                                                       call_options options);
// The bytes of a part as stored, checked against size and hash.
actor::task<base::result<std::string>> read_checkpoint_part(message_store& store, const checkpoint_listing& listing, const checkpoint_candidate& candidate,
                                                            const protocol::checkpoint_part& part, call_options options);
// All parts, each checked against its hash.
actor::task<base::result<loaded_image>> read_checkpoint(message_store& store, checkpoint_listing listing, checkpoint_candidate candidate,
                                                        protocol::checkpoint_manifest manifest, call_options options);

}  // namespace dbcord::database
