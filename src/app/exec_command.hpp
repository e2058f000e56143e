#pragma once
// dbcord exec: sends slash commands one after another and prints the replies. A coroutine on the caller's environment.

#include "app/options.hpp"
#include "actor/environment.hpp"

namespace dbcord::app {

// The process's exit status: 0 only if every command was done.
actor::task<int> exec_command(const actor::environment& env, exec_options options);

}  // namespace dbcord::app
