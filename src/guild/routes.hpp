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
outcome<reply> get_member(world& w, const call& c);
outcome<reply> get_own_member(world& w, const call& c);
outcome<reply> get_roles(world& w, const call& c);

// channel_routes.cpp, overwrite_routes.cpp
outcome<reply> create_channel(world& w, const call& c);
outcome<reply> get_channel(world& w, const call& c);
outcome<reply> edit_channel(world& w, const call& c);
outcome<reply> delete_channel(world& w, const call& c);
outcome<reply> put_overwrite(world& w, const call& c);
outcome<reply> delete_overwrite(world& w, const call& c);

// message_routes.cpp, message_create.cpp, message_delete.cpp
outcome<reply> list_messages(world& w, const call& c);
outcome<reply> get_message(world& w, const call& c);
outcome<reply> create_message(world& w, const call& c);
outcome<reply> edit_message(world& w, const call& c);
outcome<reply> delete_message(world& w, const call& c);
outcome<reply> bulk_delete_messages(world& w, const call& c);
outcome<reply> trigger_typing(world& w, const call& c);

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
outcome<void> need_guild(const world& w, const call& c, std::size_t parameter = 0);
reply message_reply(const world& w, base::channel_id where, const stored_message& m, base::user_id viewer,
                    std::string_view nonce = {});

}  // namespace dbcord::guild
