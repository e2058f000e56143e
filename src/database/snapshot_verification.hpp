#pragma once
// snapshot_verification: looks whether each snapshot in #dbc-snapshots is there with all its parts, as their messages tell, and which messages of an unfinished one are
// left. What is in the parts is not downloaded: they may be gigabytes, and whoever reads a snapshot checks each against its hash. Stateless coroutines.

#include "database/snapshot_listing.hpp"
#include "database/snapshots_in_hand.hpp"
#include "database/verification.hpp"
#include "database/verify_findings.hpp"

namespace dbcord::database {

inline constexpr std::string_view snapshot_kind = "snapshot";

// Those that were given up, or whose process was killed: nobody writes the last part any more that would name them. Of one whose newest part is young somebody
// else may still be writing. Oldest first.
actor::task<base::result<std::vector<listed_snapshot>>> unfinished_snapshots(message_store& store, base::channel_id channel, const snapshots_in_hand& in_hand,
                                                                             call_options options);

// Changes nothing. What is dropped or finished during the run is not reported.
actor::task<base::result<void>> verify_snapshots(const verification_context& context, base::channel_id channel, const snapshots_in_hand& in_hand,
                                                 verify_findings& findings);

}  // namespace dbcord::database
