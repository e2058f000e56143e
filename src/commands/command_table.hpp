#pragma once
// The ONE table of commands. Built once, never changed; any thread.

#include "commands/command.hpp"

namespace dbcord::commands {

const std::vector<command>& table();
const command* find_command(std::string_view name);

// Checks the arguments against the table (unknown, missing, wrong type, out of range) and runs the handler. Never throws for
// bad input: that is a reply with ok = false. Exceptions of the machine pass through to the front door.
actor::task<reply> execute(services s, invocation call);

struct choice {
  std::string label;
  std::string value;  // what stands in the argument then
};
// What may stand in `argument`, given what was typed of it and the other arguments: at most 25, from memory (snapshots: from Discord); none where the
// person may not read, or when that takes too long.
actor::task<std::vector<choice>> complete(services s, invocation so_far, std::string argument, std::string typed);
// The sentence that names the missing permission; empty: the person may.
std::optional<std::string> missing_access(const database::engine& engine, const command& definition, const invocation& call);
// Whether this call is answered with a form.
bool opens_form(const command& definition, const invocation& call);

// The body of PUT /applications/{app}/guilds/{guild}/commands (Discord docs, Application Commands), always the same text.
std::string command_definitions_json();

}  // namespace dbcord::commands
