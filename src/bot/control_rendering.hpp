#pragma once
// Buttons and forms of replies as Discord's components (Discord docs, Component Reference). Any thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "bot/prepared_commands.hpp"

namespace dbcord::bot {

// One action row, or nothing: the components of a message.
boost::json::array components_of(const std::vector<commands::button>& buttons, prepared_commands& prepared);
// The data of a modal.
boost::json::object modal_of(const commands::form& form, prepared_commands& prepared);

}  // namespace dbcord::bot
