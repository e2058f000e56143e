// The local guild's REST side: routes, headers, JSON and multipart bodies. Every request is answered, none with 5xx, and what it
// kept can be replayed. Input, a line each: method and target; authorization; content type; then the body. See small_guild for "$…".

#include "fuzz/small_guild.hpp"

using namespace dbcord;

DBCORD_FUZZ_TARGET(fuzz_guild_rest, data, size) {
  fuzz::small_guild guild;
  auto input = guild.fill(fuzz::text_of(data, size));
  std::string_view rest = input;
  auto request_line = fuzz::take_line(rest);
  auto space = request_line.find(' ');
  guild::http_request request;
  request.method = request_line.substr(0, space);
  if (space != request_line.npos) request.target = request_line.substr(space + 1);
  request.headers.emplace_back("Authorization", fuzz::take_line(rest));
  request.headers.emplace_back("Content-Type", fuzz::take_line(rest));
  request.body = rest;
  auto response = guild.handle(request);
  fuzz::promise(response.status >= 200 && response.status < 500, "no request is answered with a server error");
  fuzz::promise(guild.open(guild.records()).has_value(), "what is kept can be replayed");
  return 0;
}
