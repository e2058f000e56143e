#pragma once
// What a request says a channel shall be (facts 4.3, 7): validated against the guild. One caller at a time.

#include <boost/json/object.hpp>

#include "guild/api_error.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

inline constexpr std::size_t channels_in_guild_max = 500;
inline constexpr std::size_t channels_in_category_max = 50;
inline constexpr std::size_t overwrites_max = 1000;

// `settings` with the fields of `form` put in. `creating`: a name is required, the type may be given.
outcome<channel_settings> read_channel_form(const world& w, const boost::json::object& form,
                                            channel_settings settings, bool creating);
// False if an overwrite allows or denies what the caller does not have itself.
bool may_grant(const world& w, const std::vector<overwrite>& overwrites, base::user_id caller);

}  // namespace dbcord::guild
