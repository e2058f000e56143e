#include "app/client_connection.hpp"

#include <fmt/format.h>

#include "app/credentials_file.hpp"

namespace dbcord::app {
namespace {

base::result<user_identity> from_url(const client_options& options) {
  user_identity who;
  who.api_url = options.url;
  who.token = options.token;
  if (who.token.empty())
    return base::error(base::errc::invalid_argument, "--url needs the user's token in DBCORD_USER_TOKEN");
  if (!options.guild.empty()) {
    auto guild = base::parse_id<base::guild_id>(options.guild);
    if (!guild) return base::error(base::errc::invalid_argument, fmt::format("DBCORD_GUILD_ID: {} is no id", options.guild));
    who.guild = *guild;
  }
  if (!options.application.empty()) {
    auto application = base::parse_id<base::application_id>(options.application);
    if (!application) return base::error(base::errc::invalid_argument, fmt::format("DBCORD_APPLICATION_ID: {} is no id", options.application));
    who.application = *application;
  }
  return who;
}

}  // namespace

base::result<user_identity> identify(const client_options& options) {
  if (!options.url.empty()) return from_url(options);
  auto file = read_credentials(options.local);
  if (!file) return file.error();
  user_identity who;
  who.api_url = file->api_url;
  who.gateway_url = file->gateway_url;
  who.token = file->owner_token;
  who.guild = file->guild;
  who.channel = file->channel;
  who.application = file->application;
  return who;
}

}  // namespace dbcord::app
