#include <boost/json.hpp>

#include "guild/json_writer.hpp"
#include "guild/record_codec.hpp"

namespace dbcord::guild {
namespace {

void begin(json_writer& w, const char* kind) {
  w.begin_object();
  w.field("t", kind);
}

void write_user(json_writer& w, std::string_view key, const user& u, const std::string& token) {
  w.key(key);
  w.begin_object();
  w.field("id", u.id.value);
  w.field("username", u.username);
  w.field("discriminator", u.discriminator);
  w.field("token", token);
  w.end_object();
}

void write_overwrites(json_writer& w, const std::vector<overwrite>& overwrites) {
  w.key("overwrites");
  w.begin_array();
  for (auto& o : overwrites) {
    w.begin_object();
    w.field("id", o.id);
    w.field("member", o.for_member);
    w.field("allow", o.allow);
    w.field("deny", o.deny);
    w.end_object();
  }
  w.end_array();
}

void write_thread(json_writer& w, const thread_settings& thread) {
  w.key("thread");
  w.begin_object();
  w.field("owner", thread.owner.value);
  w.field("auto_archive_minutes", thread.auto_archive_minutes);
  if (thread.archived) w.field("archived", true);
  if (thread.locked) w.field("locked", true);
  if (!thread.invitable) w.field("invitable", false);
  w.field("created_ms", thread.created_ms);
  w.field("archive_ms", thread.archive_ms);
  w.key("members");
  w.begin_array();
  for (auto& m : thread.members) {
    w.begin_object();
    w.field("id", m.user.value);
    w.field("joined_ms", m.joined_ms);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_attachments(json_writer& w, const std::vector<attachment>& files) {
  if (files.empty()) return;
  w.key("files");
  w.begin_array();
  for (auto& file : files) {
    w.begin_object();
    w.field("id", file.id.value);
    w.field("size", file.size);
    w.field("name", file.filename);
    if (!file.title.empty()) w.field("title", file.title);
    if (!file.description.empty()) w.field("description", file.description);
    w.end_object();
  }
  w.end_array();
}

void write_trigger(json_writer& w, const interaction_trigger& trigger) {
  w.key("trigger");
  w.begin_object();
  w.field("id", trigger.id.value);
  w.field("type", trigger.type);
  w.field("name", trigger.name);
  if (trigger.interacted_message) w.field("message", trigger.interacted_message.value);
  w.end_object();
}

void write_interaction(json_writer& w, const interaction_origin& origin) {
  w.key("interaction");
  w.begin_object();
  w.field("id", origin.id.value);
  w.field("type", origin.type);
  w.field("user", origin.user.value);
  w.field("name", origin.name);
  if (origin.original_response) w.field("original", origin.original_response.value);
  if (origin.interacted_message) w.field("message", origin.interacted_message.value);
  if (origin.target_user) w.field("target_user", origin.target_user.value);
  if (origin.target_message) w.field("target_message", origin.target_message.value);
  if (origin.trigger) write_trigger(w, *origin.trigger);
  w.end_object();
}

template <class Id>
void write_ids(json_writer& w, std::string_view key, const std::vector<Id>& ids) {
  if (ids.empty()) return;
  w.key(key);
  w.begin_array();
  for (auto id : ids) w.value(id.value);
  w.end_array();
}

void write_reactions(json_writer& w, const std::vector<reaction>& reactions) {
  if (reactions.empty()) return;
  w.key("reactions");
  w.begin_array();
  for (auto& r : reactions) {
    w.begin_object();
    w.field("emoji", r.emoji);
    write_ids(w, "users", r.users);
    w.end_object();
  }
  w.end_array();
}

void write_extras(json_writer& w, const message_extras& extras) {
  write_attachments(w, extras.attachments);
  if (!extras.embeds.empty()) w.raw_field("embeds", extras.embeds);
  if (!extras.components.empty()) w.raw_field("components", extras.components);
  write_ids(w, "mentions", extras.mentions);
  write_ids(w, "mention_roles", extras.mention_roles);
  if (extras.mention_everyone) w.field("mention_everyone", true);
  if (extras.reference) w.field("reference", extras.reference.value);
  if (extras.reference_channel) w.field("reference_channel", extras.reference_channel.value);
  if (extras.pinned_ms) w.field("pinned_ms", extras.pinned_ms);
  write_reactions(w, extras.reactions);
  if (extras.interaction) write_interaction(w, *extras.interaction);
}

std::string encode_removal(const char* kind, std::uint64_t id) {
  std::string text;
  json_writer w(text);
  begin(w, kind);
  w.field("id", id);
  w.end_object();
  return text;
}

}  // namespace

std::string encode_founding(const founding& first) {
  std::string text;
  json_writer w(text);
  begin(w, "found");
  w.field("v", record_format_version);
  w.field("guild", first.guild.value);
  w.field("name", first.guild_name);
  w.field("created_ms", first.created_ms);
  write_user(w, "owner", first.owner, first.owner_token);
  write_user(w, "bot", first.bot, first.bot_token);
  w.field("everyone_permissions", first.everyone.permissions);
  w.field("bot_role", first.bot_role.id.value);
  w.field("bot_permissions", first.bot_role.permissions);
  w.field("channel", first.first_channel.value);
  w.field("channel_name", first.first_channel_name);
  w.field("secret", first.secret);
  w.field("verify_key", first.verify_key);
  w.end_object();
  return text;
}

std::string encode_channel(const channel_settings& settings) {
  std::string text;
  json_writer w(text);
  begin(w, "channel");
  w.field("id", settings.id.value);
  w.field("type", settings.type);
  w.field("name", settings.name);
  if (!settings.topic.empty()) w.field("topic", settings.topic);
  if (settings.parent) w.field("parent", settings.parent.value);
  w.field("position", settings.position);
  if (settings.rate_limit_per_user) w.field("rate_limit_per_user", settings.rate_limit_per_user);
  if (settings.nsfw) w.field("nsfw", true);
  if (!settings.overwrites.empty()) write_overwrites(w, settings.overwrites);
  if (settings.thread) write_thread(w, *settings.thread);
  w.end_object();
  return text;
}

std::string encode_channel_removal(base::channel_id id) { return encode_removal("channel_removed", id.value); }

std::string encode_message(base::channel_id where, const stored_message& message, std::string_view nonce) {
  std::string text;
  text.reserve(message.content.size() + 128);
  json_writer w(text);
  begin(w, "message");
  w.field("in", where.value);
  w.field("id", message.id.value);
  w.field("by", message.author.value);
  w.field("text", message.content);
  if (message.type) w.field("type", static_cast<unsigned>(message.type));
  if (message.flags) w.field("flags", message.flags);
  if (message.edited_ms) w.field("edited_ms", message.edited_ms);
  if (!nonce.empty()) w.raw_field("nonce", nonce);
  if (message.extras) write_extras(w, *message.extras);
  w.end_object();
  return text;
}

std::string encode_message_removal(base::channel_id where, std::span<const base::message_id> ids) {
  std::string text;
  json_writer w(text);
  begin(w, "messages_removed");
  w.field("in", where.value);
  w.key("ids");
  w.begin_array();
  for (auto id : ids) w.value(id.value);
  w.end_array();
  w.end_object();
  return text;
}

std::string encode_role(const role& r) {
  std::string text;
  json_writer w(text);
  begin(w, "role");
  w.field("id", r.id.value);
  w.field("name", r.name);
  w.field("permissions", r.permissions);
  w.field("position", r.position);
  if (r.managed) w.field("managed", true);
  if (r.bot) w.field("bot", r.bot.value);
  if (r.color) w.field("color", r.color);
  if (r.hoist) w.field("hoist", true);
  if (r.mentionable) w.field("mentionable", true);
  w.end_object();
  return text;
}

std::string encode_role_removal(base::role_id id) { return encode_removal("role_removed", id.value); }

std::string encode_member(const member& m) {
  std::string text;
  json_writer w(text);
  begin(w, "member");
  w.field("id", m.user.value);
  write_ids(w, "roles", m.roles);
  if (!m.nick.empty()) w.field("nick", m.nick);
  w.end_object();
  return text;
}

std::string encode_commands(command_scope scope, const std::vector<app_command>& commands) {
  std::string text;
  json_writer w(text);
  begin(w, "commands");
  w.field("global", scope == command_scope::global);
  w.key("list");
  w.begin_array();
  for (auto& command : commands) {
    w.begin_object();
    w.field("id", command.id.value);
    w.field("version", command.version);
    w.raw_field("definition", boost::json::serialize(command.definition));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return text;
}

std::string encode_id_reservation(std::uint64_t last) {
  std::string text;
  json_writer w(text);
  begin(w, "ids");
  w.field("last", last);
  w.end_object();
  return text;
}

}  // namespace dbcord::guild
