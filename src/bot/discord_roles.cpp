#include "bot/discord_roles.hpp"

namespace dbcord::bot {

actor::task<base::result<std::vector<commands::guild_role>>> discord_roles::roles(base::steady_time deadline) {
  auto list = co_await client_.roles(guild_, deadline);
  if (!list) co_return list.error();
  std::vector<commands::guild_role> all;
  for (const auto& id : *list) all.push_back({id, id.value == guild_.value});  // Discord docs, Permissions: @everyone has the guild's id
  co_return all;
}

}  // namespace dbcord::bot
