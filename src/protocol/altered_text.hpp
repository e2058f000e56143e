#pragma once
// What Discord does not keep in the content of a message as it was sent. Pure, any thread.

#include <cstddef>
#include <string_view>

namespace dbcord::protocol {

// Decodes valid UTF-8 at `at` and moves behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);
// Code points that Discord is known to remove, or that combine with their neighbours (discord api-docs#1189, #1193, #1241).
bool might_be_altered(char32_t c);
// Of valid UTF-8: one of its code points is such.
bool might_be_altered(std::string_view text);

}  // namespace dbcord::protocol
