// Prints the reference of all commands as it stands in README.md, between its two markers.

#include "commands/command_reference.hpp"

#include <cstdio>

int main() { std::fputs(dbcord::commands::command_reference().c_str(), stdout); }
