#pragma once
// How a log event becomes a line: key=value pairs, quoted where needed; one event a line whatever the values hold.
// Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/logger.hpp"

namespace dbcord::app {

// event="gateway ready" session=5d7f resumed=false
std::string format_event(std::string_view event, base::logger::fields values);

// `text` with every occurrence of a secret, and every interaction token, replaced by ***.
std::string mask_secrets(std::string text, const std::vector<std::string>& secrets);

}  // namespace dbcord::app
