#include "discord/message_json.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "discord/client.hpp"
#include "discord/json_read.hpp"

namespace dbcord::discord {
namespace {

namespace json = boost::json;

// SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS (Discord docs, Message Flags).
constexpr int store_flags = (1 << 2) | (1 << 12);

std::optional<database::attachment_info> read_attachment(const json::value& value) {
  auto* o = value.if_object();
  if (!o) return std::nullopt;
  auto id = id_at<base::attachment_id>(*o, "id");
  auto size = integer_at(*o, "size");
  if (!id || !size || *size < 0) return std::nullopt;
  return database::attachment_info{*id, string_at(*o, "filename"), static_cast<std::uint64_t>(*size),
                                   string_at(*o, "url")};
}

std::optional<database::stored_message> read_stored_message(const json::value& value) {
  auto* o = value.if_object();
  auto* author = o ? object_at(*o, "author") : nullptr;
  if (!author) return std::nullopt;
  auto id = id_at<base::message_id>(*o, "id");
  auto channel = id_at<base::channel_id>(*o, "channel_id");
  auto user = id_at<base::user_id>(*author, "id");
  auto* content = o->if_contains("content");
  if (!id || !channel || !user || !content || !content->is_string()) return std::nullopt;
  database::stored_message m{*id, *channel, *user, std::string(content->get_string()), {}, {}};
  if (auto* list = array_at(*o, "attachments")) {
    for (const auto& entry : *list) {
      auto attachment = read_attachment(entry);
      if (!attachment) return std::nullopt;
      m.attachments.push_back(std::move(*attachment));
    }
  }
  return m;
}

std::optional<database::channel_info> read_channel(const json::object& o) {
  auto id = id_at<base::channel_id>(o, "id");
  auto type = integer_at(o, "type");
  if (!id || !type) return std::nullopt;
  database::channel_info c;
  c.id = *id;
  c.kind = *type == 4 ? database::channel_kind::category : database::channel_kind::text;
  c.name = string_at(o, "name");
  c.topic = string_at(o, "topic");
  c.parent = id_at<base::channel_id>(o, "parent_id").value_or(base::channel_id{});
  c.last_message = id_at<base::message_id>(o, "last_message_id").value_or(base::message_id{});
  return c;
}

bool of_use(const json::object& o) {
  auto type = integer_at(o, "type");
  return type == 0 || type == 4;
}

json::object overwrite(std::string id, int type, std::uint64_t allow, std::uint64_t deny) {
  json::object o;
  o["id"] = id;
  o["type"] = type;
  o["allow"] = std::to_string(allow);
  o["deny"] = std::to_string(deny);
  return o;
}

// A child does not inherit its category's overwrites: they are sent with each channel.
json::array private_overwrites(base::guild_id guild, base::user_id self) {
  using namespace permission;
  json::array list;
  list.push_back(overwrite(guild.str(), 0, 0, view_channel | send_messages));  // @everyone has the guild's id
  auto ours =
      view_channel | send_messages | read_message_history | attach_files | embed_links | manage_messages;
  list.push_back(overwrite(self.str(), 1, ours, 0));
  return list;
}

}  // namespace

std::string message_payload(const database::new_message& message) {
  json::object o;
  o["content"] = message.content;
  o["allowed_mentions"] = json::object{{"parse", json::array()}};
  o["flags"] = store_flags;
  if (!message.nonce.empty()) {
    o["nonce"] = message.nonce;
    o["enforce_nonce"] = true;
  }
  json::array list;
  for (std::size_t n = 0; n < message.attachments.size(); ++n) {
    json::object entry;
    entry["id"] = n;
    entry["filename"] = message.attachments[n].filename;
    list.push_back(std::move(entry));
  }
  if (!list.empty()) o["attachments"] = std::move(list);
  return json::serialize(o);
}

std::string channel_payload(const database::new_channel& channel, base::guild_id guild, base::user_id self) {
  json::object o;
  o["name"] = channel.name;
  o["type"] = static_cast<int>(channel.kind);
  if (!channel.topic.empty()) o["topic"] = channel.topic;
  if (channel.parent) o["parent_id"] = channel.parent.str();
  if (channel.private_to_bot) o["permission_overwrites"] = private_overwrites(guild, self);
  return json::serialize(o);
}

std::optional<database::stored_message> read_message(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return std::nullopt;
  return read_stored_message(*value);
}

std::optional<std::vector<database::stored_message>> read_messages(std::string_view text) {
  auto list = parse_array(text);
  if (!list) return std::nullopt;
  std::vector<database::stored_message> messages;
  messages.reserve(list->size());
  for (const auto& entry : *list) {
    auto m = read_stored_message(entry);
    if (!m) return std::nullopt;
    messages.push_back(std::move(*m));
  }
  return messages;
}

// "messages" is a list of lists: each holds one hit (Discord once put the messages around it there, too; facts 8.1).
std::optional<database::search_page> read_search_page(std::string_view text) {
  auto o = parse_object(text);
  auto* groups = o ? array_at(*o, "messages") : nullptr;
  auto total = o ? integer_at(*o, "total_results") : std::nullopt;
  if (!groups || !total || *total < 0) return std::nullopt;
  database::search_page page;
  page.still_indexing = bool_at(*o, "doing_deep_historical_index");
  page.total = static_cast<std::uint64_t>(*total);
  for (const auto& group : *groups) {
    auto* messages = group.if_array();
    if (!messages) return std::nullopt;
    for (const auto& entry : *messages) {
      auto m = read_stored_message(entry);
      if (!m) return std::nullopt;
      page.hits.push_back(std::move(*m));
    }
  }
  auto newer = [](const auto& a, const auto& b) { return a.id > b.id; };
  std::sort(page.hits.begin(), page.hits.end(), newer);
  return page;
}

std::optional<database::channel_info> read_channel(std::string_view text) {
  auto o = parse_object(text);
  if (!o) return std::nullopt;
  return read_channel(*o);
}

std::optional<std::vector<database::channel_info>> read_channels(std::string_view text) {
  auto list = parse_array(text);
  if (!list) return std::nullopt;
  std::vector<database::channel_info> channels;
  for (const auto& entry : *list) {
    auto* o = entry.if_object();
    if (!o) return std::nullopt;
    if (!of_use(*o)) continue;
    auto c = read_channel(*o);
    if (!c) return std::nullopt;
    channels.push_back(std::move(*c));
  }
  return channels;
}

bool echoes(const database::stored_message& stored, const database::new_message& sent) {
  return stored.content == sent.content &&
         std::equal(stored.attachments.begin(), stored.attachments.end(), sent.attachments.begin(),
                    sent.attachments.end(),
                    [](const auto& got, const auto& given) { return got.size == given.bytes.size(); });
}

}  // namespace dbcord::discord
