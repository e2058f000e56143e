#pragma once
// discord_roles: the guild's roles, by one request each time. No state; any executor. The client outlives it.

#include "commands/guild_roles.hpp"
#include "discord/client.hpp"

namespace dbcord::bot {

class discord_roles final : public commands::guild_role_source {
 public:
  discord_roles(discord::client& client, base::guild_id guild) : client_(client), guild_(guild) {}
  actor::task<base::result<std::vector<commands::guild_role>>> roles(base::steady_time deadline) override;

 private:
  discord::client& client_;
  base::guild_id guild_;
};

}  // namespace dbcord::bot
