#pragma once
// One rule of a schema against one value. Pure, any thread.

#include <optional>
#include <string>

#include "protocol/row_schema.hpp"

namespace dbcord::protocol {

// What is wrong with the value, in one sentence that names the field; empty if it keeps the rule.
std::optional<std::string> check_value(const field_rule& rule, const json_node& value);

}  // namespace dbcord::protocol
