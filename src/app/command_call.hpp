#pragma once
// Commands that a program gives, without a line that would have to be parsed. Pure, any thread.

#include <utility>
#include <vector>

#include "app/user_session.hpp"

namespace dbcord::app {

// Arguments that are texts, flags or numbers.
command_call make_call(std::string command, std::vector<std::pair<std::string, commands::argument_value>> arguments);
// The same command with this as its argument `file`, which outlives the call: it may be large.
command_call with_file(command_call call, const discord::file_part& file);

}  // namespace dbcord::app
