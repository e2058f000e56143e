#include "commands/snapshot_argument.hpp"

#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

base::result<base::message_id> snapshot_argument(const invocation& call) {
  auto snapshot = text_argument(call, "snapshot");
  auto slash = snapshot.rfind('/');  // of a link
  auto message = base::parse_id<base::message_id>(slash == snapshot.npos ? snapshot : snapshot.substr(slash + 1));
  if (message) return *message;
  return base::error(base::errc::invalid_argument, fmt::format("snapshot: {} is neither the link nor the id of a message.", quote(snapshot)));
}

}  // namespace dbcord::commands
