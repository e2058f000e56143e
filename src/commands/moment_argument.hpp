#pragma once
// A moment of the past as people write it. Pure, any thread.

#include <optional>
#include <string_view>

#include "commands/command.hpp"
#include "database/engine.hpp"

namespace dbcord::commands {

// An LSN ("1234"), or a time: "2026-11-23", "2026-11-23 12:00", "2026-11-23T12:00:01.5Z", "…+01:00"; without a zone it is UTC. A time without
// a fraction of a second means the end of that second, so that what happened within it counts; a day, minute or second that goes on means the present.
// Empty: neither.
std::optional<database::moment> parse_moment(std::string_view text, base::system_time now);
// The argument as_of of a call, which may lack it; an error is a sentence that names it.
base::result<std::optional<database::moment>> as_of_argument(const invocation& call, base::system_time now);

}  // namespace dbcord::commands
