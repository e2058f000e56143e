#pragma once
// The text of HTTP answers, and what the server itself says. Pure, any thread.

#include <string>
#include <string_view>

#include "guild/core.hpp"

namespace dbcord::guild {

// Status line and headers with Content-Length (none with 204 and 304). A header value never ends a line.
std::string response_head(const http_response& response, bool close);

// An answer of the server's own, in the form of Discord's errors (discord-facts 1.8).
http_response refusal(int status, std::string_view why, int code = 0);

// Interactions rest on nothing that is kept: their traffic need not wait for other people's commits.
bool may_overtake(const http_request& request);

}  // namespace dbcord::guild
