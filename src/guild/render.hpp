#pragma once
// Discord's JSON objects (facts 3) from the guild's state. Pure, one caller at a time; each function writes
// one value and leaves the writer ready for the next.

#include <optional>
#include <span>
#include <string>

#include "guild/attachment_urls.hpp"
#include "guild/guild_state.hpp"
#include "guild/json_writer.hpp"

namespace dbcord::guild {

void write_user(json_writer& w, const user& u);
// The caller's own user has a few keys more.
void write_own_user(json_writer& w, const user& u);
void write_role(json_writer& w, const role& r);
// `permissions`: as in interactions.
void write_member(json_writer& w, const guild_state& state, const member& m, bool with_user,
                  std::optional<std::uint64_t> permissions = std::nullopt);
void write_member_fields(json_writer& w, const guild_state& state, const member& m,
                         bool with_user);  // inside an object
// A thread shows the viewer's own membership.
void write_channel(json_writer& w, const guild_state& state, const channel& c, base::user_id viewer = {});

void write_last_pin(json_writer& w, const channel& c);  // a time, or null

// render_thread.cpp; the fields are written inside an object.
struct thread_view {
  base::user_id viewer;    // whose membership is shown; 0: nobody's
  bool member_ids = true;  // false: as in GUILD_CREATE
};
void write_thread_fields(json_writer& w, const guild_state& state, const channel& c, thread_view view);
void write_thread_member_fields(json_writer& w, const channel& thread, const thread_member& m);
// "threads" and "members", the viewer's own ones.
void write_thread_list(json_writer& w, const guild_state& state, std::span<const channel* const> threads,
                       base::user_id viewer);
void write_guild_fields(json_writer& w, const guild_state& state);  // inside an object
void write_application(json_writer& w, const guild_state& state, std::uint64_t flags);
void write_command(json_writer& w, const guild_state& state, const app_command& command, command_scope scope);

// How a message is shown.
struct message_view {
  bool with_content = true;     // false: the viewer lacks MESSAGE_CONTENT
  bool in_event = false;        // guild_id, member, channel_type
  std::string_view nonce = {};  // JSON text; in the create answer and MESSAGE_CREATE
  base::user_id viewer = {};    // whose reactions are "me"
  bool search_hit = false;      // marked as such, without reactions
};
void write_message(json_writer& w, const guild_state& state, const attachment_urls& urls,
                   base::channel_id where, const stored_message& m, message_view view, base::system_time now);
void write_attachment(json_writer& w, const attachment_urls& urls, base::channel_id where,
                      const attachment& file, bool ephemeral, base::system_time now);

}  // namespace dbcord::guild
