#pragma once
// The beginning of a long list for a terminal. Pure, any thread.

#include <string>
#include <string_view>

namespace dbcord::app {

// The first lines, and if there are more a line that says how many: "… and 3980 more lines". All of them if they are no more than that.
std::string first_lines(std::string_view text, std::size_t at_most);

}  // namespace dbcord::app
