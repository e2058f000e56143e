#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/record_codec.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

base::error senseless(std::string text) {
  return {base::errc::invalid_argument, std::move(text)};
}

// Reads fields that must be there; remembers the first that was not.
class field_reader {
 public:
  explicit field_reader(const json::object& object) : object_(object) {}

  std::uint64_t number(std::string_view key) { return need(key, snowflake_field(object_, key)); }
  template <class Id>
  Id id(std::string_view key) {
    return Id{number(key)};
  }
  std::string text(std::string_view key) { return std::string(need(key, text_field(object_, key))); }
  std::string optional_text(std::string_view key) const {
    return std::string(text_field(object_, key).value_or(std::string_view()));
  }
  std::uint64_t optional_number(std::string_view key) const {
    return snowflake_field(object_, key).value_or(0);
  }

  void miss(std::string_view key) {
    if (missing_.empty()) missing_ = key;
  }
  const std::string& missing() const { return missing_; }
  const json::object& object() const { return object_; }

 private:
  template <class T>
  T need(std::string_view key, std::optional<T> value) {
    if (!value) miss(key);
    return value.value_or(T{});
  }

  const json::object& object_;
  std::string missing_;
};

user read_user(field_reader& r, std::string_view key, bool bot, std::string& token) {
  user u;
  auto* object = object_field(r.object(), key);
  if (!object) {
    r.miss(key);
    return u;
  }
  field_reader inner(*object);
  u.id = inner.id<base::user_id>("id");
  u.username = inner.text("username");
  u.discriminator = inner.text("discriminator");
  u.bot = bot;
  token = inner.text("token");
  if (!inner.missing().empty()) r.miss(inner.missing());
  return u;
}

void replay_founding(field_reader& r, guild_state& state) {
  founding first;
  first.guild = r.id<base::guild_id>("guild");
  first.guild_name = r.text("name");
  first.created_ms = r.number("created_ms");
  first.owner = read_user(r, "owner", false, first.owner_token);
  first.bot = read_user(r, "bot", true, first.bot_token);
  first.everyone = {
      base::role_id{first.guild.value}, "@everyone", r.number("everyone_permissions"), 0, false, {}};
  first.bot_role = {r.id<base::role_id>("bot_role"),
                    first.bot.username,
                    r.number("bot_permissions"),
                    1,
                    true,
                    first.bot.id};
  first.first_channel = r.id<base::channel_id>("channel");
  first.first_channel_name = r.text("channel_name");
  first.secret = r.text("secret");
  first.verify_key = r.text("verify_key");
  if (r.missing().empty()) state.found(std::move(first));
}

std::vector<overwrite> read_overwrites(field_reader& r) {
  std::vector<overwrite> list;
  auto* array = array_field(r.object(), "overwrites");
  if (!array) return list;
  for (auto& item : *array) {
    auto* object = item.if_object();
    if (!object) {
      r.miss("overwrites");
      return list;
    }
    field_reader inner(*object);
    list.push_back(
        {inner.number("id"), bool_field(*object, "member"), inner.number("allow"), inner.number("deny")});
    if (!inner.missing().empty()) r.miss(inner.missing());
  }
  return list;
}

thread_settings read_thread(field_reader& r) {
  thread_settings thread;
  auto* object = object_field(r.object(), "thread");
  auto* members = object ? array_field(*object, "members") : nullptr;
  if (!members) {
    r.miss("thread");
    return thread;
  }
  field_reader inner(*object);
  thread.owner = inner.id<base::user_id>("owner");
  thread.auto_archive_minutes = static_cast<int>(inner.number("auto_archive_minutes"));
  thread.archived = bool_field(*object, "archived");
  thread.locked = bool_field(*object, "locked");
  thread.invitable = bool_field(*object, "invitable", true);
  thread.created_ms = inner.number("created_ms");
  thread.archive_ms = inner.number("archive_ms");
  for (auto& item : *members) {
    auto* member = item.if_object();
    auto id = member ? id_field<base::user_id>(*member, "id") : std::nullopt;
    if (!id) inner.miss("members");
    if (id) thread.members.push_back({*id, snowflake_field(*member, "joined_ms").value_or(0)});
  }
  if (!inner.missing().empty()) r.miss(inner.missing());
  return thread;
}

void replay_channel(field_reader& r, guild_state& state) {
  channel_settings c;
  c.id = r.id<base::channel_id>("id");
  c.type = static_cast<int>(r.number("type"));
  bool known = channel_types::holds_messages(c.type) || c.type == channel_types::category;
  if (!known) r.miss("type");
  c.name = r.text("name");
  c.topic = r.optional_text("topic");
  c.parent = {r.optional_number("parent")};
  c.position = static_cast<int>(r.number("position"));
  c.rate_limit_per_user = static_cast<int>(r.optional_number("rate_limit_per_user"));
  c.nsfw = bool_field(r.object(), "nsfw");
  c.overwrites = read_overwrites(r);
  if (channel_types::is_thread(c.type)) c.thread = read_thread(r);
  if (r.missing().empty()) state.put_channel(std::move(c));
}

void read_attachments(field_reader& r, message_extras& extras) {
  auto* array = array_field(r.object(), "files");
  if (!array) return;
  for (auto& item : *array) {
    auto* object = item.if_object();
    if (!object) return r.miss("files");
    field_reader inner(*object);
    attachment file;
    file.id = inner.id<base::attachment_id>("id");
    file.size = inner.number("size");
    file.filename = inner.text("name");
    file.title = inner.optional_text("title");
    file.description = inner.optional_text("description");
    extras.attachments.push_back(std::move(file));
    if (!inner.missing().empty()) r.miss(inner.missing());
  }
}

void read_interaction(field_reader& r, message_extras& extras) {
  auto* object = object_field(r.object(), "interaction");
  if (!object) return;
  field_reader inner(*object);
  interaction_origin origin;
  origin.id = inner.id<base::interaction_id>("id");
  origin.type = static_cast<int>(inner.number("type"));
  origin.user = inner.id<base::user_id>("user");
  origin.name = inner.text("name");
  origin.original_response = {inner.optional_number("original")};
  origin.interacted_message = {inner.optional_number("message")};
  origin.target_user = {inner.optional_number("target_user")};
  origin.target_message = {inner.optional_number("target_message")};
  if (auto* trigger = object_field(*object, "trigger")) {
    field_reader innermost(*trigger);
    origin.trigger = interaction_trigger{innermost.id<base::interaction_id>("id"),
                                         static_cast<int>(innermost.number("type")), innermost.text("name"),
                                         {innermost.optional_number("message")}};
    if (!innermost.missing().empty()) inner.miss(innermost.missing());
  }
  extras.interaction = std::move(origin);
  if (!inner.missing().empty()) r.miss(inner.missing());
}

template <class Id>
void read_ids(field_reader& r, std::string_view key, std::vector<Id>& ids) {
  auto* array = array_field(r.object(), key);
  if (!array) return;
  for (auto& item : *array) {
    auto id = as_snowflake(item);
    if (!id) return r.miss(key);
    ids.push_back(Id{*id});
  }
}

std::string serialised(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? json::serialize(*value) : std::string();
}

void read_reactions(field_reader& r, message_extras& extras) {
  auto* array = array_field(r.object(), "reactions");
  if (!array) return;
  for (auto& item : *array) {
    auto* object = item.if_object();
    if (!object) return r.miss("reactions");
    field_reader inner(*object);
    reaction made{inner.text("emoji"), {}};
    read_ids(inner, "users", made.users);
    if (made.users.empty()) inner.miss("users");
    extras.reactions.push_back(std::move(made));
    if (!inner.missing().empty()) r.miss(inner.missing());
  }
}

bool has_extras(const json::object& object) {
  for (auto key : {"files", "embeds", "components", "mentions", "mention_roles", "mention_everyone",
                   "reference", "reference_channel", "interaction", "pinned_ms", "reactions"}) {
    if (object.contains(key)) return true;
  }
  return false;
}

void read_extras(field_reader& r, message_extras& extras) {
  read_attachments(r, extras);
  extras.embeds = serialised(r.object(), "embeds");
  extras.components = serialised(r.object(), "components");
  read_ids(r, "mentions", extras.mentions);
  read_ids(r, "mention_roles", extras.mention_roles);
  extras.mention_everyone = bool_field(r.object(), "mention_everyone");
  extras.reference = {r.optional_number("reference")};
  extras.reference_channel = {r.optional_number("reference_channel")};
  extras.pinned_ms = r.optional_number("pinned_ms");
  read_reactions(r, extras);
  read_interaction(r, extras);
}

stored_message read_message(field_reader& r) {
  stored_message m;
  m.id = r.id<base::message_id>("id");
  m.author = r.id<base::user_id>("by");
  m.content = r.text("text");
  m.type = static_cast<std::uint8_t>(r.optional_number("type"));
  m.flags = static_cast<std::uint32_t>(r.optional_number("flags"));
  m.edited_ms = r.optional_number("edited_ms");
  if (has_extras(r.object())) read_extras(r, m.need_extras());
  return m;
}

void replay_message(field_reader& r, guild_state& state, record_place place) {
  auto where = r.id<base::channel_id>("in");
  auto m = read_message(r);
  if (!r.missing().empty()) return;
  if (!state.put_message(where, std::move(m), serialised(r.object(), "nonce"), place)) r.miss("in");
}

void replay_message_removal(field_reader& r, guild_state& state) {
  auto where = r.id<base::channel_id>("in");
  std::vector<base::message_id> ids;
  read_ids(r, "ids", ids);
  for (auto id : ids) {
    if (!state.remove_message(where, id)) r.miss("ids");
  }
}

void replay_commands(field_reader& r, guild_state& state) {
  std::vector<app_command> commands;
  auto* list = array_field(r.object(), "list");
  if (!list) return r.miss("list");
  for (auto& item : *list) {
    auto* object = item.if_object();
    auto* definition = object ? object_field(*object, "definition") : nullptr;
    if (!definition) return r.miss("list");
    field_reader inner(*object);
    app_command command;
    command.id = inner.id<base::command_id>("id");
    command.version = inner.number("version");
    command.type = static_cast<int>(integer_field(*definition, "type").value_or(1));
    command.name = std::string(text_field(*definition, "name").value_or(std::string_view()));
    command.definition = *definition;
    commands.push_back(std::move(command));
    if (!inner.missing().empty()) r.miss(inner.missing());
  }
  auto scope = bool_field(r.object(), "global") ? command_scope::global : command_scope::guild;
  if (r.missing().empty()) state.put_commands(scope, std::move(commands));
}

void replay_nonces(field_reader& r, guild_state& state) {
  auto* list = array_field(r.object(), "list");
  if (!list) return r.miss("list");
  for (auto& item : *list) {
    auto* object = item.if_object();
    if (!object) return r.miss("list");
    field_reader inner(*object);
    auto by = inner.id<base::user_id>("by");
    auto nonce = inner.text("nonce");
    nonce_window::made_message made{inner.id<base::channel_id>("in"), inner.id<base::message_id>("id")};
    if (!inner.missing().empty()) return r.miss(inner.missing());
    state.nonces.remember(by, nonce, made);
  }
}

void replay_role(field_reader& r, guild_state& state) {
  role made;
  made.id = r.id<base::role_id>("id");
  made.name = r.text("name");
  made.permissions = r.number("permissions");
  made.position = static_cast<int>(r.number("position"));
  made.managed = bool_field(r.object(), "managed");
  made.bot = {r.optional_number("bot")};
  made.color = static_cast<int>(r.optional_number("color"));
  made.hoist = bool_field(r.object(), "hoist");
  made.mentionable = bool_field(r.object(), "mentionable");
  if (made.id.value < state.first().guild.value) r.miss("id");
  if (r.missing().empty()) state.put_role(std::move(made));
}

void replay_member(field_reader& r, guild_state& state) {
  member m;
  m.user = r.id<base::user_id>("id");
  read_ids(r, "roles", m.roles);
  m.nick = r.optional_text("nick");
  if (r.missing().empty() && !state.put_member(m)) r.miss("id");
}

void replay_kind(std::string_view kind, field_reader& r, guild_state& state, record_place place) {
  if (kind == "message") return replay_message(r, state, place);
  if (kind == "messages_removed") return replay_message_removal(r, state);
  if (kind == "channel") return replay_channel(r, state);
  if (kind == "channel_removed") {
    if (!state.remove_channel(r.id<base::channel_id>("id"))) r.miss("id");
    return;
  }
  if (kind == "nonces") return replay_nonces(r, state);
  if (kind == "commands") return replay_commands(r, state);
  if (kind == "role") return replay_role(r, state);
  if (kind == "member") return replay_member(r, state);
  if (kind == "role_removed") {
    if (!state.remove_role(r.id<base::role_id>("id"))) r.miss("id");
    return;
  }
  if (kind == "ids") return state.ids.raise(r.number("last"));
  r.miss("t");
}

base::error misses(const field_reader& r) {
  return senseless(fmt::format("field \"{}\" is missing or wrong", r.missing()));
}

}  // namespace

base::result<stored_message> decode_message(std::string_view record) {
  auto value = parse_json(record);
  auto* object = value ? value->if_object() : nullptr;
  if (!object) return senseless("it is not a JSON object");
  field_reader r(*object);
  if (r.text("t") != "message") return senseless("it is not a message");
  auto m = read_message(r);
  if (!r.missing().empty()) return misses(r);
  return m;
}

base::result<void> replay_record(std::string_view record, guild_state& state, record_place place) {
  auto value = parse_json(record);
  auto* object = value ? value->if_object() : nullptr;
  if (!object) return senseless("it is not a JSON object");
  field_reader r(*object);
  auto kind = r.text("t");
  bool first = kind == "found";
  if (first == state.founded()) {
    return senseless(first ? "the guild is founded a second time"
                           : "it comes before the founding of the guild");
  }
  if (first && r.number("v") != record_format_version) {
    return senseless(fmt::format("its format version is not {}", record_format_version));
  }
  if (first) {
    replay_founding(r, state);
  } else {
    replay_kind(kind, r, state, place);
  }
  if (!r.missing().empty()) return misses(r);
  return {};
}

}  // namespace dbcord::guild
