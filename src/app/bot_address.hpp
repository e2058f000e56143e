#pragma once
// Where the bot's guild is and what opens it, checked: from the directory of a local guild, or an API, a token and a guild's id.

#include <filesystem>
#include <string>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::app {

struct bot_address {
  std::string api_url;  // no slash at the end
  std::string token;    // without "Bot "
  base::guild_id guild;
};

// What DISCORD_API_URL, DISCORD_BOT_TOKEN and DBCORD_GUILD_ID (or flags) say; an error names the one that is missing or wrong.
base::result<bot_address> remote_bot(std::string api_url, const std::string& token, const std::string& guild);
// Of the local guild kept in `directory`.
base::result<bot_address> local_bot(const std::filesystem::path& directory);

}  // namespace dbcord::app
