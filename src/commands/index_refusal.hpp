#pragma once
// What is said when something about an index on a field was refused: if the table has none there, which it has.

#include "commands/command.hpp"

namespace dbcord::commands {

actor::task<reply> explain_index_refusal(services s, invocation call, base::error why);

}  // namespace dbcord::commands
