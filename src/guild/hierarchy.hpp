#pragma once
// Who stands above whom (facts 6, hierarchy). Pure, any thread.

#include "guild/guild_state.hpp"

namespace dbcord::guild {

// True if `who` may act on a role at that place: the guild's owner on all, others on those below their
// highest.
bool stands_above(const guild_state& state, base::user_id who, const role& r);
// The same for a member: below in all roles; nobody stands above the owner.
bool stands_above(const guild_state& state, base::user_id who, const member& m);
// False if `bits` holds what the caller does not have.
bool may_give(const guild_state& state, base::user_id caller, std::uint64_t bits);

}  // namespace dbcord::guild
