#pragma once
// Splits an absolute URL into where to connect and what to ask for. Pure, any thread.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::discord {

// One server as the connection pool sees it.
struct origin {
  bool tls = false;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;

  friend auto operator<=>(const origin&, const origin&) = default;
  // The Host header: the port only where it is not the scheme's own.
  std::string host_header() const;
};

struct request_url {
  origin server;
  std::string target;  // path and query, at least "/"
};

enum class url_kind { http, websocket };

// Schemes http and https, or ws and wss. No user names, no spaces or control characters; a fragment is dropped.
base::result<request_url> parse_url(std::string_view url, url_kind kind);

}  // namespace dbcord::discord
