#pragma once
// What a file of rows is: as people name it, as its name says, as its first bytes say. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::commands {

enum class file_format { jsonl, json, csv };
std::string_view extension_of(file_format format);  // "jsonl", "json", "csv", which are the names, too
std::vector<std::string> file_format_names();

// Of the argument `format`. An error is a sentence that names it.
base::result<file_format> file_format_named(std::string_view name);

// Of a file that is imported: `named` (empty: not given) wins over the end of the file's name. Nothing: its content says which JSON it is.
// Refuses an `at` where there is no document to look into.
base::result<std::optional<file_format>> import_format(std::string_view named, std::string_view file_name, std::string_view at);

// The text behind a byte order mark; UTF-16 is refused.
base::result<std::string_view> text_of_file(std::string_view bytes, std::string_view argument = "file");

}  // namespace dbcord::commands
