#pragma once
// Finds an object of a JSON document that names a member twice: which of the two was meant nobody can know. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

// `json` is valid JSON. The repeated name; empty if there is none.
std::optional<std::string> repeated_name(std::string_view json);

}  // namespace dbcord::commands
