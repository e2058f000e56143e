#pragma once
// message_removal: deletes messages for good, in the order that keeps the promises: first an acknowledged `drop` record of the log that names
// them, then the deletions, in bulk where Discord allows it. Stateless; any strand. Interrupted anywhere it may be begun again: deleting a
// message that is gone counts as done.

#include <functional>
#include <vector>

#include "database/log_actor.hpp"

namespace dbcord::database {

struct removal_context {
  const actor::environment& env;
  message_store& store;
  log_actor& log;
  base::steady_time deadline;
};

// `removed`, if any, is called with those that are gone, as they go. An error: what was not reported to it is still there, or may be.
actor::task<base::result<void>> remove_messages(removal_context context, base::channel_id channel, std::vector<base::message_id> messages,
                                                std::function<actor::task<void>(std::vector<base::message_id>)> removed = {});

}  // namespace dbcord::database
