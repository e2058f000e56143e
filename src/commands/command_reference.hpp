#pragma once
// The reference of all commands, made from the table, for README.md. Pure, any thread.

#include <string>

namespace dbcord::commands {

// A Markdown table, one command a row; optional arguments in brackets.
std::string command_reference();

}  // namespace dbcord::commands
