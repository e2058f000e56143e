#include "protocol/drop_record.hpp"

#include <fmt/format.h>

#include <iterator>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

std::string encode_drop(const drop_record& drop) {
  auto out = fmt::format(R"({{"channel":"{}","messages":[)", drop.channel.value);
  for (std::size_t i = 0; i < drop.messages.size(); ++i) {
    fmt::format_to(std::back_inserter(out), R"({}"{}")", i == 0 ? "" : ",", drop.messages[i].value);
  }
  return out + "]}";
}

std::optional<drop_record> decode_drop(std::string_view body) {
  auto node = parse_json(body);
  if (!node || !node->is_object()) return std::nullopt;
  const auto* channel = node->find("channel");
  const auto* messages = node->find("messages");
  if (!channel || channel->type != json_node::kind::string || !messages || messages->type != json_node::kind::array) return std::nullopt;
  auto where = base::parse_id<base::channel_id>(channel->text);
  if (!where) return std::nullopt;
  drop_record drop{*where, {}};
  for (const auto& item : messages->items) {
    auto id = item.type == json_node::kind::string ? base::parse_id<base::message_id>(item.text) : std::nullopt;
    if (!id) return std::nullopt;
    drop.messages.push_back(*id);
  }
  return drop;
}

}  // namespace dbcord::protocol
