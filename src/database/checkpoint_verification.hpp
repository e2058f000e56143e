#pragma once
// checkpoint_verification: reads the kept checkpoints again: a start must find the manifest, which a record of the log names, and each part with its checksum. One
// request for each message and each part; what is in them is not decoded. A stateless coroutine.

#include "database/checkpointer.hpp"
#include "database/log_verification.hpp"

namespace dbcord::database {

inline constexpr std::string_view checkpoint_kind = "checkpoint";

// `kept` before the log was read, `named`: by it. A checkpoint that has been replaced meanwhile is not told of.
actor::task<base::result<void>> verify_checkpoints(const verification_context& context, const checkpointer& checkpoints,
                                                   const std::vector<checkpointer::kept_place>& kept, const named_checkpoints& named,
                                                   verify_findings& findings);

}  // namespace dbcord::database
