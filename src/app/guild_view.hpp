#pragma once
// What a client must know of a guild to send commands there, read from GUILD_CREATE. Pure, any thread.

#include <boost/json/object.hpp>

#include "dbcord/base/ids.hpp"

namespace dbcord::app {

struct guild_view {
  base::guild_id id;
  base::channel_id first_text_channel;  // by position; zero: none
  base::application_id only_bot;        // a bot's user has its application's id; zero: none or several
};

guild_view read_guild(const boost::json::object& guild_create);

}  // namespace dbcord::app
