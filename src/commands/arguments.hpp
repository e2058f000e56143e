#pragma once
// Reading and checking the arguments of an invocation. Checks answer a sentence for the person, or nothing if all is well.
// Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "commands/command.hpp"

namespace dbcord::commands {

bool has_argument(const invocation& call, std::string_view name);
std::string text_argument(const invocation& call, std::string_view name);  // empty if not given
std::int64_t integer_argument(const invocation& call, std::string_view name, std::int64_t otherwise);
bool boolean_argument(const invocation& call, std::string_view name, bool otherwise = false);

using complaint = std::optional<std::string>;

// Against the table's entry: unknown, missing, wrong type, out of range, JSON arguments that are no JSON object.
complaint check_arguments(const command& definition, const invocation& call);

// Names of new databases and tables: [a-z0-9]+([-_][a-z0-9]+)*, up to 32.
complaint check_new_name(std::string_view argument, std::string_view value);
// Field that identifies a row.
complaint check_field_name(std::string_view argument, std::string_view value);
complaint check_json_object(std::string_view argument, std::string_view value);

}  // namespace dbcord::commands
