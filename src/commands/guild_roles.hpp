#pragma once
// guild_role_source: which roles the guild has, asked when somebody gives one access, or looks who has it. Filled by the front door, which can ask Discord.
// The source may be asked from any executor, and outlives the commands.

#include <string>
#include <vector>

#include "actor/promise.hpp"
#include "dbcord/base/clock.hpp"
#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::commands {

struct guild_role {
  base::role_id id;
  bool everyones = false;  // @everyone, which no member is listed with
};

class guild_role_source {
 public:
  virtual ~guild_role_source() = default;
  virtual actor::task<base::result<std::vector<guild_role>>> roles(base::steady_time deadline) = 0;
};

}  // namespace dbcord::commands
