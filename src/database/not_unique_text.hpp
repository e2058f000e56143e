#pragma once
// How the reason begins why a unique index failed, or is refused, since rows share a value; by this beginning it is told from the other reasons, whichever process has
// written it. Pure.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace dbcord::database {

inline std::string not_unique_text(std::string_view field, std::string_view table) { return fmt::format("the field {} cannot be unique in table {}: ", field, table); }

}  // namespace dbcord::database
