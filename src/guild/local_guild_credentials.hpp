#pragma once
// DIR/credentials.json: how the guild's owner and the bot find and enter it. Replaced as a whole; blocks on the disk.

#include <filesystem>

#include "guild/core.hpp"

namespace dbcord::guild {

struct guild_address {
  std::string api_url;
  std::string gateway_url;
};

base::result<void> write_credentials(const std::filesystem::path& directory, const guild_address& address,
                                     const credentials& secret);

}  // namespace dbcord::guild
