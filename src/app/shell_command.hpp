#pragma once
// dbcord shell: exec, interactive. Blocks the calling thread, which reads the terminal; the session works beside it.

#include "app/options.hpp"
#include "dbcord/base/logger.hpp"

namespace dbcord::app {

// The process's exit status: 0, or without a terminal 1 if a command failed.
int shell_command(base::logger& log, shell_options options);

}  // namespace dbcord::app
