#pragma once
// What a person's client sends when they press enter behind a slash command: the body of POST /interactions.
// Pure but for the files that attachment arguments name. Any thread.

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "commands/command_line.hpp"
#include "discord/multipart.hpp"

namespace dbcord::app {

// Where and as what a command is sent.
struct interaction_place {
  base::guild_id guild;
  base::channel_id channel;
  base::application_id application;
  std::string session_id;  // of the gateway session that is to be told
};

struct interaction_request {
  boost::json::object payload;
  std::vector<discord::file_part> files;
};

// Where attachment arguments get their bytes from, given what was typed.
using file_source = std::function<base::result<discord::file_part>(const std::string& typed)>;
base::result<discord::file_part> read_file_part(const std::string& path);

// `command` is the command's object as the guild lists it (id, version, name, options). A file that cannot be read is an error.
base::result<interaction_request> make_interaction(const commands::parsed_line& line, const boost::json::object& command,
                                                   const interaction_place& place, std::string_view nonce,
                                                   const file_source& files);

// Asks for what may stand in `focused`, of which `typed` is there already; the other arguments as far as they were typed.
boost::json::object make_autocomplete(const commands::parsed_line& others, std::string_view focused, std::string_view typed,
                                      const boost::json::object& command, const interaction_place& place,
                                      std::string_view nonce);

}  // namespace dbcord::app
