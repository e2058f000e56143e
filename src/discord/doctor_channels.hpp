#pragma once
// What the bot may do in the channels that databases have in a guild already: their overwrites may take away what its roles give. Pure, any thread.

#include <vector>

#include "discord/doctor.hpp"

namespace dbcord::discord {

inline constexpr std::size_t lacking_channels_told = 20;  // of all databases; the others are counted

// `channels`: all of the guild, as Discord lists them; `in_guild` has what the bot needs there. One sentence for each channel or category in which something is
// missing, and for each database that lacks nothing.
std::vector<doctor_finding> judge_channels(const boost::json::array& channels, const permission_report& in_guild, base::guild_id guild, base::user_id self);

}  // namespace dbcord::discord
