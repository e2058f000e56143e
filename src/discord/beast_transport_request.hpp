#pragma once
// The head of an HTTP/1.1 request as it goes over the wire. Pure, any thread.

#include <string>

#include "discord/transport.hpp"

namespace dbcord::discord {

// An error when method or headers hold what would end a line: such a request would be two.
base::result<void> check_request(const http_request& request);
std::string request_head(const http_request& request, std::string_view target, std::string_view host);

}  // namespace dbcord::discord
