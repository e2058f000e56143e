#include "app/guild_view.hpp"

#include <boost/json/array.hpp>
#include <limits>

#include "app/reply_message.hpp"

namespace dbcord::app {
namespace {

namespace json = boost::json;

constexpr std::int64_t text_channel = 0;

std::int64_t integer_member(const json::object& object, std::string_view name, std::int64_t otherwise) {
  auto* member = object.if_contains(name);
  return member && member->is_int64() ? member->get_int64() : otherwise;
}

template <class Visit>
void for_each_object(const json::object& parent, std::string_view name, Visit visit) {
  auto* member = parent.if_contains(name);
  auto* list = member ? member->if_array() : nullptr;
  if (!list) return;
  for (const auto& entry : *list)
    if (auto* object = entry.if_object()) visit(*object);
}

template <class Id>
Id id_member(const json::object& object, std::string_view name) {
  return base::parse_id<Id>(string_member(object, name)).value_or(Id{});
}

}  // namespace

guild_view read_guild(const json::object& guild_create) {
  guild_view view;
  view.id = id_member<base::guild_id>(guild_create, "id");
  auto lowest = std::numeric_limits<std::int64_t>::max();
  for_each_object(guild_create, "channels", [&](const json::object& channel) {
    auto position = integer_member(channel, "position", 0);
    if (integer_member(channel, "type", -1) != text_channel || position >= lowest) return;
    lowest = position;
    view.first_text_channel = id_member<base::channel_id>(channel, "id");
  });
  int bots = 0;
  for_each_object(guild_create, "members", [&](const json::object& member) {
    auto* user = member.if_contains("user") ? member.at("user").if_object() : nullptr;
    auto* bot = user ? user->if_contains("bot") : nullptr;
    if (!bot || !bot->is_bool() || !bot->get_bool()) return;
    view.only_bot = ++bots == 1 ? id_member<base::application_id>(*user, "id") : base::application_id{};
  });
  return view;
}

}  // namespace dbcord::app
