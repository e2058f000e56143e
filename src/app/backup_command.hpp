#pragma once
// dbcord backup: a whole database into a file: a snapshot is taken, its parts are fetched, the file is checked and only then gets its name; the snapshot
// is deleted again. On the caller's environment.

#include "actor/environment.hpp"
#include "app/options.hpp"

namespace dbcord::app {

actor::task<int> backup_command(const actor::environment& env, backup_options options);

}  // namespace dbcord::app
