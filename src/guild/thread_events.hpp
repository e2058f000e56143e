#pragma once
// Events about threads (facts 5.11): who gets which. All need the GUILDS intent; the membership of others is
// for those with GUILD_MEMBERS only. One caller at a time; never fails. Event names are literals.

#include <span>
#include <string_view>

#include "guild/world.hpp"

namespace dbcord::guild {

// The thread with the receiver's own membership, if there is one, to all that can see it.
void announce_thread(world& w, std::string_view event, const channel& thread, bool newly_created = false);
// The same, to one user only.
void announce_thread_to(world& w, std::string_view event, const channel& thread, base::user_id who);
void announce_thread_deletion(world& w, const channel& thread);
// THREAD_MEMBERS_UPDATE, after members came or before they go.
void announce_thread_members(world& w, const channel& thread, std::span<const base::user_id> added,
                             std::span<const base::user_id> removed);
// THREAD_MEMBER_UPDATE to each member of a thread that became active again.
void announce_own_memberships(world& w, const channel& thread);
// THREAD_LIST_SYNC: the active threads of a channel that `who` can see from now on.
void announce_thread_list(world& w, base::user_id who, base::channel_id parent);

}  // namespace dbcord::guild
