#pragma once
// post_patiently: a message written by long work, which a passing failure does not end. A stateless coroutine over the message store. A lost answer may
// leave a second message: for messages of which only those count that something names.

#include <functional>

#include "database/message_store.hpp"

namespace dbcord::database {

// With a nonce of its own for each attempt, at maintenance priority. `given_up`, if any, is asked between them.
actor::task<base::result<base::message_id>> post_patiently(const actor::environment& env, message_store& store, base::channel_id channel,
                                                           new_message message, base::steady_time deadline, std::function<bool()> given_up = {});

}  // namespace dbcord::database
