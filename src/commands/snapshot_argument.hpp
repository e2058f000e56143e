#pragma once
// The argument `snapshot`: the link of a message, or its id. Pure, any thread.

#include "commands/command.hpp"

namespace dbcord::commands {

// An error is the sentence for the person.
base::result<base::message_id> snapshot_argument(const invocation& call);

}  // namespace dbcord::commands
