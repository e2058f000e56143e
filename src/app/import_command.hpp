#pragma once
// dbcord import: sends a file's rows through /dbc_import as a person would, in chunks. A coroutine on the caller's environment.

#include "actor/environment.hpp"
#include "app/options.hpp"

namespace dbcord::app {

// The process's exit status: 0 only if every row was accepted.
actor::task<int> import_command(const actor::environment& env, import_options options);

}  // namespace dbcord::app
