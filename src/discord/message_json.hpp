#pragma once
// Messages and channels as Discord's JSON, both ways. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/message_store.hpp"

namespace dbcord::discord {

// The body of POST /channels/{id}/messages; attachments by name and position, their bytes go beside it.
std::string message_payload(const database::new_message& message);
// The body of POST /guilds/{id}/channels.
std::string channel_payload(const database::new_channel& channel, base::guild_id guild, base::user_id self);

std::optional<database::stored_message> read_message(std::string_view json);
// nullopt when any of them cannot be read.
std::optional<std::vector<database::stored_message>> read_messages(std::string_view json);
// The answer of GET /guilds/{id}/messages/search with status 200.
std::optional<database::search_page> read_search_page(std::string_view json);
std::optional<database::channel_info> read_channel(std::string_view json);
// Text channels and categories; other kinds are left out.
std::optional<std::vector<database::channel_info>> read_channels(std::string_view json);

// Whether Discord stored what it was given.
bool echoes(const database::stored_message& stored, const database::new_message& sent);

}  // namespace dbcord::discord
