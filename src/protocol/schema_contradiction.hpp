#pragma once
// What makes no sense in a schema although it can be read: rules that no value can keep. Asked when somebody sets a schema, not when a stored one is
// read: what was accepted once stays readable. Pure, any thread.

#include <optional>
#include <string>

#include "protocol/row_schema.hpp"

namespace dbcord::protocol {

// One sentence that names the field; nothing if all is well.
std::optional<std::string> contradiction_in(const row_schema& schema);
// The same for the field that is a table's primary key: rows' keys are texts or integers.
std::optional<std::string> contradiction_of_key(const row_schema& schema, std::string_view primary_key);

}  // namespace dbcord::protocol
