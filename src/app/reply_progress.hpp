#pragma once
// reply_progress: shows on a terminal how far a command is whose reply is not finished. Any thread; one command at a time.

#include <memory>

#include "app/pending_interactions.hpp"

namespace dbcord::app {

// What it has shown is gone when the last copy of the sink is.
progress_sink reply_progress();

}  // namespace dbcord::app
