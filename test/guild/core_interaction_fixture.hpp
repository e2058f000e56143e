#pragma once
// A guild in which a person uses commands: connection 1 is the bot's, connection 2 the owner's. For tests.

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {

struct used_interaction {
  std::string id, token;
  json::value event;  // INTERACTION_CREATE as the bot got it
};

struct interaction_fixture : guild_fixture {
  explicit interaction_fixture(core_options options = default_options());

  // Registers a command with these options; gives its id.
  void define(const json::array& options);
  json::object body(const json::array& options, int type = 2) const;
  answer use(const json::array& options = {}, int type = 2);
  // Uses the command and takes what the bot got; the person's frames are dropped.
  used_interaction start(const json::array& options = {});
  answer callback(const used_interaction& i, int type, const json::value& data = json::object(),
                  bool with_response = false);
  std::string webhook(const used_interaction& i, std::string_view rest = "") const;
  answer follow(std::string method, const used_interaction& i, std::string_view rest,
                const json::value& body = nullptr);

  std::string command, version;
};

}  // namespace dbcord::guild::test
