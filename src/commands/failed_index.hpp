#pragma once
// What is said of an index that has failed: it is kept as it is, since what stands in its way is for people to change. Pure, any thread.

#include <string>

#include "database/engine.hpp"

namespace dbcord::commands {

// With what to do about it. `with_reason`: also why, unless that has just been said.
std::string failed_index_text(const std::string& database, const std::string& table, const database::index_summary& index, bool with_reason);

}  // namespace dbcord::commands
