#pragma once
// dbcord serve and dbcord guild: run until a signal or until it is of no use to go on. They block the calling thread.

#include "app/options.hpp"
#include "app/process_logger.hpp"

namespace dbcord::app {

// The process's exit status: 0 after an orderly stop, 1 with one sentence on standard error otherwise.
int serve_command(process_logger& log, serve_options options);
int guild_command(process_logger& log, guild_options options);

}  // namespace dbcord::app
