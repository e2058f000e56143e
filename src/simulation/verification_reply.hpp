#pragma once
// What a reply to /dbc_verify tells.

#include <set>
#include <string>

#include "simulation/simulated_user.hpp"

namespace dbcord::simulation {

// Its text, and the findings that there was no room for in it.
std::string all_told(simulated_guild& guild, const user_reply& reply);

// Whether it finds no problem, or only older versions whose messages somebody has deleted: these are lost once the log's records of them are dropped, and told.
// Whatever is late or lost, no message of a row is of a write that was not acknowledged: an orphan is not well.
bool tells_that_all_is_well(const std::string& told, const std::set<base::message_id>& deleted);

}  // namespace dbcord::simulation
