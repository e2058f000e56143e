#pragma once
// What one HTTP answer says of rate limits, read out of its headers and, for a 429, its body.
// Pure values, any thread. Never throws: what cannot be read counts as absent.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "dbcord/base/clock.hpp"

namespace dbcord::protocol {

enum class rate_scope { none, user, global, shared };

struct rate_limit_headers {
  // X-RateLimit-Limit, -Remaining, -Reset-After: taken together or not at all (Discord docs, Rate Limits).
  // Without Reset-After, what Reset and Date say.
  struct window {
    int limit = 0;
    int remaining = 0;
    base::duration reset_after{};
    std::optional<base::system_time>
        reset;  // the server's clock; names the window, is never compared with ours
  };
  std::optional<window> counted;
  std::string bucket;                         // X-RateLimit-Bucket
  rate_scope scope = rate_scope::none;        // of a 429
  std::optional<base::duration> retry_after;  // of a 429; header and body reconciled

  // Any X-RateLimit-* header at all.
  bool any = false;
};

rate_limit_headers read_rate_limit_headers(int status,
                                           std::span<const std::pair<std::string, std::string>> headers,
                                           std::string_view body);

}  // namespace dbcord::protocol
