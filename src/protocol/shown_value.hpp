#pragma once
// Values in sentences for people. Pure, any thread.

#include <string>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

// The text, or its beginning and "…": about 60 bytes, never cut within a character.
std::string shortened(std::string text);
std::string shown_value(const json_node& value);

}  // namespace dbcord::protocol
