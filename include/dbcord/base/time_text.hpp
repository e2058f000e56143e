#pragma once
// Times as text. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"

namespace dbcord::base {

// "2026-08-06T11:31:01.123000+00:00", as Discord writes times.
std::string to_iso8601(system_time when);
// "2026-08-06T11:31:01Z", for people; whole seconds.
std::string to_utc_text(system_time when);
// "Thu, 06 Aug 2026 11:31:01 GMT" (RFC 9110, 5.6.7), the form of the HTTP Date header; whole seconds.
std::string to_http_date(system_time when);
std::optional<system_time> parse_http_date(std::string_view text);

}  // namespace dbcord::base
