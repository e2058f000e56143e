#pragma once
// The refusal of a field that has no index, with those that the table has. Pure.

#include <string>
#include <vector>

namespace dbcord::commands {

std::string no_such_index(const std::string& table, const std::string& field, const std::vector<std::string>& indexes);

}  // namespace dbcord::commands
