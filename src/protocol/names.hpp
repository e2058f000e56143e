#pragma once
// Names of databases, tables: [a-z0-9]+([-_][a-z0-9]+)*, up to 32 characters (design.md section 1). Pure, any thread.

#include <string_view>

namespace dbcord::protocol {

inline constexpr std::size_t max_name_length = 32;
bool is_usable_name(std::string_view name);
// Line breaks and the like, which no key and no name of a field has.
bool has_control_character(std::string_view text);
// Characters that are not seen, or that turn the order of others around: what one reads is not what there is.
bool has_invisible_mark(std::string_view text);

}  // namespace dbcord::protocol
