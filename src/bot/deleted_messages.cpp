#include "bot/deleted_messages.hpp"

#include "discord/json_read.hpp"

namespace dbcord::bot {

std::optional<deleted_messages> read_deleted_messages(std::string_view type, const boost::json::object& data) {
  deleted_messages gone;
  auto channel = discord::id_at<base::channel_id>(data, "channel_id");
  if (!channel) return std::nullopt;
  gone.channel = *channel;
  if (type == "MESSAGE_DELETE") {
    if (auto id = discord::id_at<base::message_id>(data, "id")) gone.messages.push_back(*id);
  }
  if (type == "MESSAGE_DELETE_BULK") {
    const auto* ids = discord::array_at(data, "ids");
    if (!ids) return std::nullopt;
    for (const auto& value : *ids) {
      auto id = value.is_string() ? base::parse_id<base::message_id>(value.get_string()) : std::nullopt;
      if (id) gone.messages.push_back(*id);
    }
  }
  return gone.messages.empty() ? std::nullopt : std::optional(std::move(gone));
}

std::optional<base::channel_id> read_deleted_channel(std::string_view type, const boost::json::object& data) {
  return type == "CHANNEL_DELETE" ? discord::id_at<base::channel_id>(data, "id") : std::nullopt;
}

}  // namespace dbcord::bot
