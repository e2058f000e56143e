#pragma once
// enumeration: several words as people list them. Pure, any thread.

#include <string>
#include <vector>

namespace dbcord::base {

// "a", "a and b", "a, b and c"
std::string enumeration(const std::vector<std::string>& parts);

}  // namespace dbcord::base
