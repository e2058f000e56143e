#pragma once
// log_verification: reads the log from the oldest kept checkpoint on again: its chain up to what was published, and the checksums of all its bodies. A stateless
// coroutine.

#include "database/verification.hpp"
#include "database/verify_findings.hpp"

namespace dbcord::database {

inline constexpr std::string_view log_kind = "log";

// The checkpoints that its records name; nothing if a record is not well.
using named_checkpoints = std::optional<std::map<base::message_id, std::string>>;  // manifest -> hash
actor::task<base::result<named_checkpoints>> verify_log(const verification_context& context, verify_findings& findings);

}  // namespace dbcord::database
