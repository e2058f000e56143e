#pragma once
// dbcord restore: a backup's file into a new database, through commands. The whole file is checked before anything is made. On the caller's environment.

#include "actor/environment.hpp"
#include "app/options.hpp"

namespace dbcord::app {

actor::task<int> restore_command(const actor::environment& env, restore_options options);

}  // namespace dbcord::app
