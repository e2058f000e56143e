#pragma once
// The record of #dbc-catalog that says that a database is dropped, and names every channel that may be deleted for it (design.md section 7: nothing is
// deleted before a record names it). Several messages if there are many channels; it counts when all of them are there. Pure, any thread.

#include <optional>
#include <string>
#include <vector>

#include "database/message_store.hpp"

namespace dbcord::database {

struct dropped_record {
  std::string id;    // of the database
  std::string name;
  std::vector<base::channel_id> channels;  // ascending; the catalog is one of them
};

// The messages' texts depend only on what they name, so that writing one twice after a lost answer is harmless.
std::vector<std::string> encode_dropped(const dropped_record& record);
// The record that is complete in these messages of a catalog, all of our own; of several the one that names most, since a further one names what an earlier one did.
std::optional<dropped_record> find_dropped(const std::vector<stored_message>& messages);

}  // namespace dbcord::database
