#pragma once
// The reference of all commands, made from the table, for README.md and the shell. Pure, any thread.

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

// A Markdown table, one command a row; optional arguments in brackets.
std::string command_reference();
// How it is typed, of the table's command or one that a guild has told: /dbc_get database:… table:… key:… [as_of:…]
template <class Command>
std::string typed_form(const Command& c) {
  auto text = fmt::format("/{}", c.name);
  for (const auto& a : c.arguments) text += a.required ? fmt::format(" {}:…", a.name) : fmt::format(" [{}:…]", a.name);
  return text;
}
// Of one command, as a terminal shows it: how it is typed, what it does, and a line for each argument. Empty: it is none that is typed.
std::optional<std::string> command_help(std::string_view name);

}  // namespace dbcord::commands
