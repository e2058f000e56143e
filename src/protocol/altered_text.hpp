#pragma once
// What Discord does not keep in the content of a message as it was sent. Pure, any thread.

#include <string_view>

namespace dbcord::protocol {

// Code points that Discord is known to remove, or that combine with their neighbours (discord api-docs#1189, #1193, #1241).
bool might_be_altered(char32_t c);
// Of valid UTF-8: one of its code points is such.
bool might_be_altered(std::string_view text);

}  // namespace dbcord::protocol
