#pragma once
// Whether the guild shows our commands as they are now. Registering is limited to 200 new ones a day, so it is done only when
// something differs. Pure, any thread.

#include <boost/json/array.hpp>

namespace dbcord::bot {

// Compares what we set (types, names, descriptions, options and their flags, permissions), in any order of commands, and
// ignores what Discord adds (ids, versions, defaults).
bool same_commands(const boost::json::array& ours, const boost::json::array& shown);

}  // namespace dbcord::bot
