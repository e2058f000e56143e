#pragma once
// Gateway events about messages and channels that somebody deleted. Pure, any thread; nothing in an event can make it throw.

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::bot {

struct deleted_messages {
  base::channel_id channel;
  std::vector<base::message_id> messages;  // at least one
};

// Of MESSAGE_DELETE and MESSAGE_DELETE_BULK (Discord docs, Gateway Events); empty for anything else.
std::optional<deleted_messages> read_deleted_messages(std::string_view type, const boost::json::object& data);
// Of CHANNEL_DELETE; empty for anything else.
std::optional<base::channel_id> read_deleted_channel(std::string_view type, const boost::json::object& data);

}  // namespace dbcord::bot
