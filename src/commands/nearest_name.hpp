#pragma once
// The name a person probably meant. Pure, any thread.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace dbcord::commands {

// The candidate that differs from `typed` (case ignored) by the fewest inserted, removed, changed or swapped letters, if that is
// at most a third of its length (at least 1); the first of equals. Empty if none is near.
std::string nearest_name(std::string_view typed, const std::vector<std::string>& candidates);

// "`a`, `b` and 12 more"
std::string list_names(const std::vector<std::string>& names, std::size_t at_most = 10);

}  // namespace dbcord::commands
