#pragma once
// Events about roles and members (facts 5.11). One caller at a time; never fails. Names are literals.

#include <string_view>

#include "guild/world.hpp"

namespace dbcord::guild {

void announce_role(world& w, std::string_view event, const role& r);
void announce_role_deletion(world& w, base::role_id id);
// GUILD_MEMBER_UPDATE: to the member itself, to others with GUILD_MEMBERS only.
void announce_member(world& w, const member& m);

}  // namespace dbcord::guild
