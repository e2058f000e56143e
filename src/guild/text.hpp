#pragma once
// What Discord does to text: trimming, counting, names. Pure, any thread. Input is UTF-8; broken bytes count
// as one code point each and never read out of bounds.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"

namespace dbcord::guild {

// Limits are in Unicode code points (facts 7).
std::size_t count_code_points(std::string_view text);
bool is_valid_utf8(std::string_view text);
// Without leading and trailing white space, Unicode's included.
std::string_view trim(std::string_view text);
// Trimmed, and without control characters and bidirectional marks except line feed and tab (facts 9.1).
std::string clean_content(std::string_view text);

// "Joey's Cool Channel" -> "joeys-cool-channel" (facts 7). Empty if nothing is left.
std::string normalise_channel_name(std::string_view name);
// Letters, digits, '_', '.', '-' (facts 3.10). Empty if nothing is left.
std::string sanitise_filename(std::string_view name);
std::string guess_content_type(std::string_view filename);

// "2026-08-06T11:31:01.123+00:00" with any number of digits of a second or none, an offset or Z (facts 1.5).
std::optional<base::system_time> parse_iso8601(std::string_view text);

std::string base64url(std::string_view bytes);  // without padding
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace dbcord::guild
