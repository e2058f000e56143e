#pragma once
// What happens to threads (facts 3.7, 4.3, 4.4): each function changes the world and tells the sessions.
// Used by the routes and by ticks; one caller at a time. Callers validate first.

#include <span>

#include "guild/call.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

inline constexpr std::size_t active_threads_max = 1000;  // facts 7
inline constexpr std::size_t thread_members_max = 1000;  // error 30033
inline constexpr std::size_t shown_members_max = 50;     // where member_count stops

const thread_member* find_thread_member(const channel_settings& thread, base::user_id who);

// Stores a thread under its id and announces it; its owner is its first member.
const channel& start_thread(world& w, channel_settings settings);
// Stores other settings. One that is archived or active from now on gets its time for that.
const channel& change_thread(world& w, channel_settings settings);
void add_to_thread(world& w, const channel& thread, base::user_id who);
void remove_from_thread(world& w, const channel& thread, base::user_id who);
void delete_thread(world& w, const channel& thread);

// Whether somebody with these permissions may write there now: locked threads are for moderators, and there
// is room for so many active ones only.
outcome<void> may_write_in_thread(const world& w, const channel& thread, std::uint64_t bits);
// A message of `author` is about to go there: an archived thread becomes active, its author a member.
void wake_thread(world& w, const channel& thread, base::user_id author);
// Archives what has been idle for as long as its settings say.
void archive_idle_threads(world& w);

// The starter (type 21) in a new thread of a message, and what the parent channel says of a new thread.
void post_thread_starter(world& w, const channel& thread);
void post_thread_created(world& w, const channel& thread);
// Marks the message that a thread belongs to, or takes the mark away.
void mark_thread_message(world& w, base::channel_id parent, base::message_id id, bool has_thread);

// Active threads of channels that `who` could not see before and can see now; `before` is what
// visible_channels() gave then.
std::vector<base::channel_id> visible_channels(const world& w, base::user_id who);
void announce_gained_channels(world& w, base::user_id who, std::span<const base::channel_id> before);

}  // namespace dbcord::guild
