#include "app/bot_address.hpp"

#include "app/credentials_file.hpp"

namespace dbcord::app {

base::result<bot_address> remote_bot(std::string api_url, const std::string& token, const std::string& guild) {
  auto wrong = [](const char* what) { return base::error(base::errc::invalid_argument, what); };
  if (token.empty()) return wrong("DISCORD_BOT_TOKEN is not set; put it into the environment or .env, or use --local DIR to go without Discord");
  if (guild.empty()) return wrong("DBCORD_GUILD_ID is not set; it names the guild that keeps the data");
  auto id = base::parse_id<base::guild_id>(guild);
  if (!id) return wrong("DBCORD_GUILD_ID is no id; it is the number that Discord shows as the server's id");
  while (api_url.ends_with('/')) api_url.pop_back();
  bool usable = (api_url.starts_with("https://") && api_url.size() > 8) || (api_url.starts_with("http://") && api_url.size() > 7);
  if (!usable) return wrong("--api-url (or DISCORD_API_URL) is no address; it begins with https:// or http://, like https://discord.com/api/v10");
  return bot_address{std::move(api_url), token.starts_with("Bot ") ? token.substr(4) : token, *id};
}

base::result<bot_address> local_bot(const std::filesystem::path& directory) {
  auto file = read_credentials(directory);
  if (!file) return file.error();
  return bot_address{file->api_url, file->bot_token, file->guild};
}

}  // namespace dbcord::app
