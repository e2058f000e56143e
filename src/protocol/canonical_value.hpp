#pragma once
// Canonical values: the one definition of when two JSON values are the same, for keys, unique indexes, search tokens and
// comparison alike (design.md section 4): 1 = 1.0 = 1e0, -0 = 0, strings by code points, objects regardless of order.
// Numbers are compared as exact decimals, never as doubles. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

// A text that is equal for two values exactly if they are the same value. Not for people to read.
std::string canonical(const json_node& value);
// The same for the source text of a JSON number: "1.50" → "15e-1".
std::string canonical_number(std::string_view text);

// The row key that a primary key field's value stands for: a string is itself, an integer its canonical decimal text.
// Empty for every other value.
std::optional<std::string> key_text(const json_node& value);

}  // namespace dbcord::protocol
