#pragma once
// What people are told when what must stay in memory leaves no room for new rows. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "database/memory_account.hpp"

namespace dbcord::database {

// Empty: there is room. `whose`: "all databases together"; `option`: by which the cap is raised.
std::optional<std::string> lack_of_memory(const memory_figures& memory, std::string_view whose, std::string_view option);
// Of one database, or of all of them, whichever is worse off.
std::optional<std::string> lack_of_memory(const memory_figures& one, const memory_figures& all, std::string_view database);

}  // namespace dbcord::database
