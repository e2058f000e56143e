#pragma once
// The REST routes' handlers, one function each, grouped as the files that hold them. A handler sees a request
// whose caller is known and admitted; it changes the world through its functions and answers or fails. One
// caller at a time.

#include "guild/call.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

using handler = outcome<reply> (*)(world&, const call&);

// identity_routes.cpp
outcome<reply> get_gateway(world& w, const call& c);
outcome<reply> get_gateway_bot(world& w, const call& c);
outcome<reply> get_own_user(world& w, const call& c);
outcome<reply> get_own_guilds(world& w, const call& c);
outcome<reply> get_user(world& w, const call& c);
outcome<reply> get_own_application(world& w, const call& c);

// guild_routes.cpp
outcome<reply> get_guild(world& w, const call& c);
outcome<reply> get_guild_channels(world& w, const call& c);

// member_routes.cpp, role_routes.cpp
outcome<reply> get_member(world& w, const call& c);
outcome<reply> get_own_member(world& w, const call& c);
outcome<reply> list_members(world& w, const call& c);
outcome<reply> search_members(world& w, const call& c);
outcome<reply> edit_member(world& w, const call& c);
outcome<reply> edit_own_member(world& w, const call& c);
outcome<reply> set_member_role(world& w, const call& c, bool wanted);
outcome<reply> get_roles(world& w, const call& c);
outcome<reply> get_role(world& w, const call& c);
outcome<reply> create_role(world& w, const call& c);
outcome<reply> edit_role(world& w, const call& c);
outcome<reply> move_roles(world& w, const call& c);
outcome<reply> delete_role(world& w, const call& c);
outcome<reply> give_role(world& w, const call& c);
outcome<reply> take_role(world& w, const call& c);

// channel_routes.cpp, overwrite_routes.cpp
outcome<reply> create_channel(world& w, const call& c);
outcome<reply> get_channel(world& w, const call& c);
outcome<reply> edit_channel(world& w, const call& c);
outcome<reply> delete_channel(world& w, const call& c);
outcome<reply> put_overwrite(world& w, const call& c);
outcome<reply> delete_overwrite(world& w, const call& c);

// thread_routes.cpp, thread_member_routes.cpp, thread_list_routes.cpp
outcome<reply> start_thread_from_message(world& w, const call& c);
outcome<reply> start_thread_alone(world& w, const call& c);
outcome<reply> edit_thread(world& w, const call& c, const channel& before);
outcome<reply> delete_thread(world& w, const call& c, const channel& doomed);
outcome<reply> join_thread(world& w, const call& c);
outcome<reply> leave_thread(world& w, const call& c);
outcome<reply> add_thread_member(world& w, const call& c);
outcome<reply> remove_thread_member(world& w, const call& c);
outcome<reply> get_thread_member(world& w, const call& c);
outcome<reply> list_thread_members(world& w, const call& c);
outcome<reply> list_active_threads(world& w, const call& c);
outcome<reply> list_public_archived_threads(world& w, const call& c);
outcome<reply> list_private_archived_threads(world& w, const call& c);
outcome<reply> list_joined_archived_threads(world& w, const call& c);

// message_routes.cpp, message_create.cpp, message_delete.cpp
outcome<reply> list_messages(world& w, const call& c);
outcome<reply> get_message(world& w, const call& c);
outcome<reply> create_message(world& w, const call& c);
outcome<reply> edit_message(world& w, const call& c);
outcome<reply> delete_message(world& w, const call& c);
outcome<reply> bulk_delete_messages(world& w, const call& c);
outcome<reply> trigger_typing(world& w, const call& c);

// pin_routes.cpp, reaction_routes.cpp, search_routes.cpp
outcome<reply> list_pins(world& w, const call& c);
outcome<reply> list_first_pins(world& w, const call& c);
outcome<reply> pin_message(world& w, const call& c);
outcome<reply> unpin_message(world& w, const call& c);
outcome<reply> add_reaction(world& w, const call& c);
outcome<reply> remove_own_reaction(world& w, const call& c);
outcome<reply> remove_reaction_of(world& w, const call& c);
outcome<reply> list_reactions(world& w, const call& c);
outcome<reply> clear_reactions(world& w, const call& c);
outcome<reply> clear_reactions_of_emoji(world& w, const call& c);
outcome<reply> search_messages(world& w, const call& c);

// command_routes.cpp; the same handlers serve the global and the guild form
outcome<reply> list_commands(world& w, const call& c);
outcome<reply> create_command(world& w, const call& c);
outcome<reply> overwrite_commands(world& w, const call& c);
outcome<reply> get_command(world& w, const call& c);
outcome<reply> edit_command(world& w, const call& c);
outcome<reply> delete_command(world& w, const call& c);

// interaction_routes.cpp (people), callback_routes.cpp and webhook_routes.cpp (the application)
outcome<reply> create_interaction(world& w, const call& c);
outcome<reply> answer_interaction(world& w, const call& c);
outcome<reply> create_follow_up(world& w, const call& c);
outcome<reply> get_follow_up(world& w, const call& c);
outcome<reply> edit_follow_up(world& w, const call& c);
outcome<reply> delete_follow_up(world& w, const call& c);

// attachment_routes.cpp; outside of /api
http_response serve_attachment(world& w, std::string_view path, std::string_view query);

// What several of them need.
// The channel named first in the path, if the caller can view it.
outcome<const channel*> need_channel(const world& w, const call& c);
// The same, if the caller has `wanted` there: else 50013.
outcome<const channel*> need_channel(const world& w, const call& c, std::uint64_t wanted);
// Limits that no header shows (facts 2.7): a 429 if there is no room in that group of rate_limit_table.
outcome<void> admit_hidden(world& w, const call& c, const char* group, base::channel_id where);
outcome<void> need_guild(const world& w, const call& c, std::size_t parameter = 0);
reply message_reply(const world& w, base::channel_id where, const stored_message& m, base::user_id viewer,
                    std::string_view nonce = {});

}  // namespace dbcord::guild
