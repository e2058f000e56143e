#pragma once
// What a reply says of an index that has no channel yet although it should; `dbcord restore` looks for it. Plain data.

#include <string_view>

namespace dbcord::commands {

inline constexpr std::string_view no_channel_yet = "has no channel yet";

}  // namespace dbcord::commands
