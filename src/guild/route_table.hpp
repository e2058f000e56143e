#pragma once
// Which handler serves which method and path, for whom, and under which rate limit. Constant data, any
// thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guild/routes.hpp"

namespace dbcord::guild {

enum class access {
  open,    // no token, or the token in the path authenticates
  anyone,  // the bot or a person
  bot,
  person
};

struct route {
  std::string_view method;
  std::string_view pattern;  // below the version, e.g. "/channels/{}/messages"
  access who;
  handler handle;
  std::string_view limit = {};  // a group of rate_limit_table, or none
  bool counts_globally = true;
};

std::span<const route> all_routes();
// By method and pattern, as "POST /channels/{}/messages"; or null.
const route* find_route(std::string_view name);

struct matched_route {
  const route* found = nullptr;
  bool path_known = false;  // another method would do
  std::vector<std::string> parameters;
};
// `path` is below the version.
matched_route match_route(std::string_view method, std::string_view path);

}  // namespace dbcord::guild
