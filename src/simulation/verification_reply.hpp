#pragma once
// What a reply to /dbc_verify tells. Pure.

#include <set>
#include <string>

#include "dbcord/base/ids.hpp"

namespace dbcord::simulation {

// Whether it finds no problem, or only older versions whose messages somebody has deleted: these are lost once the log's records of them are dropped, and told.
// Whatever is late or lost, no message of a row is of a write that was not acknowledged: an orphan is not well.
bool tells_that_all_is_well(const std::string& told, const std::set<base::message_id>& deleted);

}  // namespace dbcord::simulation
