#pragma once
// What a request says a thread shall be (facts 4.3, 4.4): validated. One caller at a time.

#include <boost/json/object.hpp>

#include "guild/api_error.hpp"
#include "guild/model.hpp"

namespace dbcord::guild {

inline constexpr int default_auto_archive_minutes = 4320;  // of Discord's own clients; the API names none

// `settings` with the fields of `form` put in. `creating`: a name is required.
outcome<channel_settings> read_thread_form(const boost::json::object& form, channel_settings settings,
                                           bool creating);
// The type of a thread without a message: private unless the form says otherwise.
outcome<int> read_thread_type(const boost::json::object& form);

}  // namespace dbcord::guild
