#pragma once
// refused_request: which permission a request needed that Discord refused for lack of one: Discord does not say which. Pure, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::discord {

enum class request_kind {
  write_message,
  write_files,         // a message with attachments
  read_messages,
  delete_message,
  delete_messages,     // in bulk
  create_channel,
  create_private_channel,  // gives the bot itself permissions there, which it must have
  delete_channel,      // also a thread
  list_threads,
  make_thread
};

struct refused_request {
  request_kind kind;
  base::channel_id where;  // the channel, or the category that a channel was to be made in; zero: the server
};

// Of the bot there (Discord docs, the endpoints' pages), beside View Channels.
std::uint64_t needed_permissions(request_kind kind);

inline constexpr int missing_access_code = 50001;       // Discord docs, JSON Error Codes
inline constexpr int missing_permissions_code = 50013;
// Why it was refused, as a phrase: "the bot lacks Manage Messages in <#5>"; `code` is one of these two.
std::string missing_permission_text(const refused_request& request, int code);

}  // namespace dbcord::discord
