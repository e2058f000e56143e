#pragma once
// Emoji as reactions name them (facts 3.15): Unicode ones only, since this guild has none of its own. Pure,
// any thread.

#include <string_view>

namespace dbcord::guild {

// False for letters, digits, "name:id" and whatever else is no Unicode emoji: error 10014.
bool is_unicode_emoji(std::string_view text);

}  // namespace dbcord::guild
