#pragma once
// credentials.json of a local guild: how its owner's client finds it. Written by the guild, read here. Any thread.

#include <filesystem>
#include <string>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::app {

struct credentials_file {
  std::string api_url;      // http://127.0.0.1:8423/api/v10
  std::string gateway_url;  // ws://127.0.0.1:8423
  base::guild_id guild;
  base::channel_id channel;
  base::application_id application;
  std::string bot_token;
  std::string owner_token;
};

// A missing or unreadable file is an error that says what to start.
base::result<credentials_file> read_credentials(const std::filesystem::path& directory);

}  // namespace dbcord::app
