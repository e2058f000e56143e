#pragma once
// What a refusal of the message store leaves open.

#include "database/errors.hpp"

namespace dbcord::database {

// Gone for good, or never there.
inline bool is_not_there(const base::error& e) { return e.code == store_errc::not_found; }

// Certain: nothing was applied, and the same may succeed later.
inline bool surely_not_done(const base::error& e) { return e.code == store_errc::not_done || e.code == store_errc::busy; }

// The same may succeed later; whether it was applied this time may be unknown.
inline bool may_pass(const base::error& e) { return surely_not_done(e) || e.code == store_errc::unknown; }

}  // namespace dbcord::database
