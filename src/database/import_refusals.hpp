#pragma once
// The refused rows of an import as JSON text, kept in its log record so that a repeated command answers the same.
// Pure, any thread.

#include <string>
#include <vector>

#include "database/engine.hpp"

namespace dbcord::database {

std::string encode_refusals(const std::vector<refused_row>& refused);
std::vector<refused_row> decode_refusals(const std::string& json);

}  // namespace dbcord::database
