#pragma once
// What a reply to /dbc_verify tells.

#include <set>
#include <string>
#include <string_view>

#include "simulation/simulated_user.hpp"

namespace dbcord::simulation {

// What people have deleted: messages, and the versions of rows that stood in them, by key and LSN.
struct hand_deletions {
  std::set<base::message_id> messages;
  std::set<std::pair<std::string, std::uint64_t>> versions = {};
};

// Its text, and the findings that there was no room for in it.
std::string all_told(simulated_guild& guild, const user_reply& reply);

// Whether it finds no problem, or only older versions whose messages somebody has deleted: these are lost once the log's records of them are dropped, and told (as a
// warning where dbcord knows it already).
// Whatever is late or lost, no message of a row is of a write that was not acknowledged: an orphan is not well.
bool tells_that_all_is_well(const std::string& told, const hand_deletions& deleted);
// Whether it finds nothing but channels of indexes that are incomplete, where something was refused, and snapshots, where uploads are cut: of one whose process ends
// before it can send it again, or remove what it has sent, a part stays that is empty. Whatever is taken from those that were acknowledged is checked.
bool tells_only_of_what_is_incomplete(std::string_view told, bool refusals, bool cut_files);

}  // namespace dbcord::simulation
