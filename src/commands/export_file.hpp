#pragma once
// Rows as files: JSON lines, a JSON array, or CSV (RFC 4180). Pure, any thread.

#include <optional>
#include <span>
#include <string>

#include "commands/file_format.hpp"

namespace dbcord::commands {

// The whole file; nothing when it would have more than `most_bytes`. `rows` are JSON objects, compact. CSV has a column for every field at the top of any
// row, in the order of first appearance, and cells that are read as the same values again (csv_value.hpp); lists and objects stand as JSON. A cell that a spreadsheet
// would run as a formula is not changed: what is exported is what is stored.
std::optional<std::string> export_file(std::span<const std::string> rows, file_format format, std::size_t most_bytes);

}  // namespace dbcord::commands
