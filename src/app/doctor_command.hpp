#pragma once
// `dbcord doctor`: what discord/doctor finds, line by line as it is found.

#include "actor/environment.hpp"
#include "app/options.hpp"

namespace dbcord::app {

// 0: nothing failed; 1: something did, or the guild is not known.
actor::task<int> doctor_command(const actor::environment& env, doctor_options options);

}  // namespace dbcord::app
