#pragma once
// An INTERACTION_CREATE event as far as dbcord reads it (Discord docs, Interaction Object). Pure values; any thread; unknown or
// malformed parts of the event are left out, never an exception.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "commands/command.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::bot {

enum class interaction_type { ping = 1, command = 2, component = 3, autocomplete = 4, modal = 5 };

struct sent_file {
  std::string name;
  std::uint64_t size = 0;
  std::string url;
};

struct interaction {
  base::interaction_id id;
  interaction_type type = interaction_type::ping;
  std::string token;
  base::guild_id guild;  // zero: none
  std::string who;       // user id
  std::vector<base::role_id> roles;  // ascending
  std::uint64_t permissions = 0;
  std::uint64_t file_limit = 10 * 1024 * 1024;  // bytes that one file of our answer may have
  std::string command;  // of a message's menu: with the arguments "channel" and "content"
  std::map<std::string, commands::argument_value, std::less<>> arguments;
  std::map<std::string, sent_file, std::less<>> files;  // by argument name
  std::string focused;                                  // of autocomplete: the argument being typed
  std::string custom_id;                                // of a component or modal
  std::map<std::string, std::string, std::less<>> fields;  // of a modal: what stands in its inputs
  bool by_control = false;                              // `command` and `arguments` come of a button or form, not of the event
};

// Empty when id, type or token is missing: nothing can be answered then.
std::optional<interaction> parse_interaction(const boost::json::object& event);

}  // namespace dbcord::bot
