#pragma once
// The arithmetic of one writer: rules 5 to 8 of design.md section 6 as pure functions of Discord's times, any thread. The random
// model in src/simulation/fencing_model and the engine use the same ones.

#include "dbcord/base/ids.hpp"

namespace dbcord::protocol {

struct lease_terms {
  base::duration lease{};      // how long a clean check holds
  base::duration staleness{};  // S: how long a message may be missing from history reads
};

// HTTP dates are whole seconds.
inline constexpr base::duration date_grain = std::chrono::seconds(1);
// Ids are minted by the clocks of different workers: by no more than this may one be lower than one that was given out before.
inline constexpr base::duration ids_differ = std::chrono::seconds(1);

// Rule 5: a claim that took more than 10 s to arrive is void. `stated_s`: Discord's time (Unix seconds) that the claimant had seen.
bool is_void_claim(base::message_id claim, std::int64_t stated_s);

// Rule 5: the Date, received before reading both channels to the end, at which a claimant may start. `unclaimed`: the tip is a
// release (or there is none) and no other claim exceeds its epoch.
base::system_time may_start_at(base::message_id claim, bool unclaimed, lease_terms terms);

// Rule 6: an answer `held` to that claim counts only if made before this.
base::system_time held_before(base::message_id claim, lease_terms terms);

// Rule 8: may an answer of that Date be acknowledged after a clean check of that time?
bool covers(base::system_time last_clean, base::system_time date, lease_terms terms);

// Everything with an id up to this time was shown by a read that began when the clock stood at `asked` or later.
base::system_time surely_shown(base::system_time asked, lease_terms terms);

}  // namespace dbcord::protocol
