#pragma once
// How the reason begins why an index failed, or is refused, whose value rows share; there are other reasons, and by this one it is told, whichever process has written it. Pure.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace dbcord::database {

inline std::string not_unique_text(std::string_view field, std::string_view table) { return fmt::format("the field {} cannot be unique in table {}: ", field, table); }

}  // namespace dbcord::database
