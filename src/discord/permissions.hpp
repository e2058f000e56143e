#pragma once
// Effective permissions in a guild, before channel overwrites, and in its channels (Discord docs, Permissions). Pure, any thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "discord/client.hpp"

namespace dbcord::discord {

// `guild`, `roles` and `member` as Discord gives them; nullopt when one of them cannot be read.
std::optional<permission_report> compute_permissions(const guild_info& guild, base::user_id self,
                                                     const boost::json::array& roles,
                                                     const boost::json::object& member, std::uint64_t needed);

// Of the same member in a channel or category, by its overwrites. Without what follows from a lack: who may not send may not attach files either.
std::uint64_t permissions_in_channel(const permission_report& in_guild, base::guild_id guild, base::user_id self, const boost::json::object& channel);

// Names of those in `needed` that are not in `effective`.
std::vector<std::string> missing_permissions(std::uint64_t effective, std::uint64_t needed);

// "Manage Channels"; as Discord's settings name it. "bit 40" for one that dbcord has no name for.
std::string permission_name(int bit);

}  // namespace dbcord::discord
