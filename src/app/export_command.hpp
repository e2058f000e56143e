#pragma once
// dbcord export: a table's rows into a file, however many attachments that takes: JSON lines, a JSON array or CSV. On the caller's environment.

#include "actor/environment.hpp"
#include "app/options.hpp"

namespace dbcord::app {

actor::task<int> export_command(const actor::environment& env, export_options options);

}  // namespace dbcord::app
