#pragma once
// What rows and patches may call their fields. Rows that were written before a rule was made stay as they are: only what people write anew is checked.
// Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "protocol/json_node.hpp"

namespace dbcord::database {

// Why a row, given as `name`, is not taken, in half a sentence; empty: its fields can be queried. A name that begins with $ is an operator to where_json.
std::optional<std::string> unusable_field(const protocol::json_node& row, std::string_view name);
// The same of a patch. One that names an operator of other databases ($set) is told what to write here. null removes a field, whatever its name.
std::optional<std::string> unusable_patch(const protocol::json_node& patch, std::string_view name);

}  // namespace dbcord::database
