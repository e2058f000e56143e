#pragma once
// A database that is being restored is not whole: until it is, only the person who restores it may use it. Pure but for the engine's memory; any thread.

#include <optional>
#include <string>

#include "commands/command.hpp"

namespace dbcord::commands {

// The sentence that says so; empty: the command may go on.
std::optional<std::string> refusal_while_restoring(database::engine& engine, const command& definition, const invocation& call);

}  // namespace dbcord::commands
