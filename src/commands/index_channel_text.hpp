#pragma once
// What is said of an index that has no channel yet although it should. In a reply `dbcord restore` looks for it. Pure.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace dbcord::commands {

inline constexpr std::string_view no_channel_yet = "has no channel yet";

// Behind a restore, which a view alone does not make fail.
inline std::string without_channel_text(std::string_view why) { return fmt::format("An index {}, and is whole without it: {}", no_channel_yet, why); }

}  // namespace dbcord::commands
