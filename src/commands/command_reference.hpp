#pragma once
// The reference of all commands, made from the table, for README.md and the shell. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

// A Markdown table, one command a row; optional arguments in brackets.
std::string command_reference();
// Of one command, as a terminal shows it: how it is typed, what it does, and a line for each argument. Empty: it is none that is typed.
std::optional<std::string> command_help(std::string_view name);

}  // namespace dbcord::commands
