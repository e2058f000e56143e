#pragma once
// Rows as files: JSON lines, a JSON array, or CSV (RFC 4180). Pure, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbcord::commands {

enum class export_format { jsonl, json, csv };
std::optional<export_format> export_format_named(std::string_view name);  // "jsonl", "json", "csv"
std::string_view extension_of(export_format format);

// The whole file. `rows` are JSON objects, compact. CSV has a column for every field at the top of any row, in the order of first
// appearance; texts stand as they are, other values as JSON, missing fields and null as nothing. A cell that a spreadsheet would run as a
// formula is not changed: what is exported is what is stored.
std::string export_file(const std::vector<std::string>& rows, export_format format);

}  // namespace dbcord::commands
