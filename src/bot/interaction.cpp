#include "bot/interaction.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>

namespace dbcord::bot {
namespace {

namespace json = boost::json;

// Discord docs, Application Command Option Type.
constexpr std::int64_t attachment_option = 11;

const json::object* object_at(const json::object* o, std::string_view name) {
  auto value = o ? o->if_contains(name) : nullptr;
  return value ? value->if_object() : nullptr;
}

std::string string_at(const json::object* o, std::string_view name) {
  auto value = o ? o->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t integer_at(const json::object* o, std::string_view name, std::int64_t otherwise) {
  auto value = o ? o->if_contains(name) : nullptr;
  if (!value || !value->is_int64()) return otherwise;
  return value->get_int64();
}

template <class Id>
Id id_at(const json::object* o, std::string_view name) {
  return base::parse_id<Id>(string_at(o, name)).value_or(Id{});
}

std::string user_of(const json::object& event) {
  auto member = object_at(&event, "member");
  auto user = object_at(member, "user");
  return string_at(user ? user : object_at(&event, "user"), "id");
}

void read_file(interaction& into, const json::object& data, const std::string& argument, const std::string& id) {
  auto file = object_at(object_at(object_at(&data, "resolved"), "attachments"), id);
  if (!file) return;
  sent_file f;
  f.name = string_at(file, "filename");
  f.size = static_cast<std::uint64_t>(std::max<std::int64_t>(integer_at(file, "size", 0), 0));
  f.url = string_at(file, "url");
  into.files.emplace(argument, std::move(f));
}

void read_option(interaction& into, const json::object& data, const json::object& option) {
  auto name = string_at(&option, "name");
  auto value = option.if_contains("value");
  if (name.empty() || !value) return;
  auto focused = option.if_contains("focused");
  if (focused && focused->is_bool() && focused->get_bool()) into.focused = name;
  if (integer_at(&option, "type", 0) == attachment_option) {
    read_file(into, data, name, string_at(&option, "value"));
  } else if (auto text = value->if_string()) {
    into.arguments.emplace(name, std::string(*text));
  } else if (auto flag = value->if_bool()) {
    into.arguments.emplace(name, *flag);
  } else if (auto number = value->if_int64()) {
    into.arguments.emplace(name, *number);
  }
}

void read_member(interaction& into, const json::object& event) {
  auto member = object_at(&event, "member");
  auto text = string_at(member, "permissions");
  std::from_chars(text.data(), text.data() + text.size(), into.permissions);
  auto roles = member ? member->if_contains("roles") : nullptr;
  auto list = roles ? roles->if_array() : nullptr;
  if (!list) return;
  for (const auto& role : *list) {
    auto id = role.is_string() ? base::parse_id<base::role_id>(role.get_string()) : std::nullopt;
    if (id) into.roles.push_back(*id);
  }
  std::sort(into.roles.begin(), into.roles.end());
}

// Inputs of a modal stand in labels ("component") or in rows ("components").
void read_fields(interaction& into, const json::value& part, int depth = 0) {
  constexpr int deepest = 4;
  if (depth > deepest) return;
  if (auto list = part.if_array()) {
    for (const auto& entry : *list) read_fields(into, entry, depth + 1);
    return;
  }
  auto object = part.if_object();
  if (!object) return;
  auto id = string_at(object, "custom_id");
  auto value = object->if_contains("value");
  if (!id.empty() && value && value->is_string()) into.fields.emplace(std::move(id), std::string(value->get_string()));
  for (auto name : {"component", "components"})
    if (auto inner = object->if_contains(name)) read_fields(into, *inner, depth + 1);
}

void read_target(interaction& into, const json::object& data) {
  auto message = object_at(object_at(object_at(&data, "resolved"), "messages"), string_at(&data, "target_id"));
  if (!message) return;
  into.arguments.emplace("channel", string_at(message, "channel_id"));
  into.arguments.emplace("content", string_at(message, "content"));
}

void read_command(interaction& into, const json::object& data) {
  into.command = string_at(&data, "name");
  into.custom_id = string_at(&data, "custom_id");
  if (into.type == interaction_type::modal)
    if (auto components = data.if_contains("components")) read_fields(into, *components);
  read_target(into, data);
  auto options = data.if_contains("options");
  auto list = options ? options->if_array() : nullptr;
  if (!list) return;
  for (const auto& option : *list)
    if (auto object = option.if_object()) read_option(into, data, *object);
}

}  // namespace

std::optional<interaction> parse_interaction(const json::object& event) {
  interaction i;
  i.id = id_at<base::interaction_id>(&event, "id");
  i.token = string_at(&event, "token");
  i.type = static_cast<interaction_type>(integer_at(&event, "type", 0));
  if (!i.id || i.token.empty() || i.type < interaction_type::ping || i.type > interaction_type::modal) return std::nullopt;
  i.guild = id_at<base::guild_id>(&event, "guild_id");
  i.who = user_of(event);
  read_member(i, event);
  i.file_limit = static_cast<std::uint64_t>(
      std::max<std::int64_t>(integer_at(&event, "attachment_size_limit", static_cast<std::int64_t>(i.file_limit)), 0));
  if (auto data = object_at(&event, "data")) read_command(i, *data);
  return i;
}

}  // namespace dbcord::bot
