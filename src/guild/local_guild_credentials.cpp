#include "guild/local_guild_credentials.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "guild/log_store_files.hpp"

namespace dbcord::guild {

base::result<void> write_credentials(const std::filesystem::path& directory, const guild_address& address,
                                     const credentials& secret) {
  boost::json::object out;
  out["api_url"] = address.api_url;
  out["gateway_url"] = address.gateway_url;
  out["guild_id"] = secret.guild.str();
  out["channel_id"] = secret.channel.str();
  out["application_id"] = secret.application.str();
  out["bot_token"] = secret.bot_token;
  out["owner_token"] = secret.owner_token;

  auto& files = posix_log_files();
  auto path = directory / "credentials.json";
  auto draft = directory / "credentials.json.tmp";
  auto file = files.open(draft);  // created 0600
  if (!file) return file.error();
  auto text = boost::json::serialize(out) + "\n";
  auto done = (*file)->truncate(0);  // of an interrupted attempt
  if (done) done = (*file)->write_at(0, text);
  if (done) done = (*file)->sync();
  if (done) done = files.rename(draft, path);
  return done ? files.sync_directory(directory) : done;
}

}  // namespace dbcord::guild
