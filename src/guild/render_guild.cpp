#include <algorithm>
#include <boost/json.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/render.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

void write_user_fields(json_writer& w, const user& u) {
  w.field("id", u.id);
  w.field("username", u.username);
  w.field("global_name", nullptr);
  w.field("discriminator", u.discriminator);
  w.field("avatar", nullptr);
  if (u.bot) w.field("bot", true);
  w.raw(
      R"("public_flags":0,"flags":0,"primary_guild":null,"avatar_decoration_data":null,"collectibles":null)");
}

}  // namespace

void write_user(json_writer& w, const user& u) {
  w.begin_object();
  write_user_fields(w, u);
  w.end_object();
}

void write_own_user(json_writer& w, const user& u) {
  w.begin_object();
  write_user_fields(w, u);
  w.raw(
      R"("banner":null,"accent_color":null,"mfa_enabled":false,"locale":"en-US","verified":true,"email":null)");
  w.end_object();
}

void write_role(json_writer& w, const role& r) {
  w.begin_object();
  w.field("id", r.id);
  w.field("name", r.name);
  w.field("color", r.color);
  w.key("colors");
  w.begin_object();
  w.field("primary_color", r.color);
  w.raw(R"("secondary_color":null,"tertiary_color":null)");
  w.end_object();
  w.field("hoist", r.hoist);
  w.field("mentionable", r.mentionable);
  w.raw(R"("icon":null,"unicode_emoji":null,"flags":0)");
  w.field("managed", r.managed);
  w.field("position", r.position);
  w.bits_field("permissions", r.permissions);
  if (r.bot) {
    w.key("tags");
    w.begin_object();
    w.field("bot_id", r.bot);
    w.end_object();
  }
  w.end_object();
}

void write_member_fields(json_writer& w, const guild_state& state, const member& m, bool with_user) {
  if (with_user) {
    w.key("user");
    write_user(w, *state.find_user(m.user));
  }
  w.key("roles");
  w.begin_array();
  for (auto id : m.roles) w.value(id);
  w.end_array();
  w.field("joined_at", base::to_iso8601(m.joined_at));
  w.key("nick");
  m.nick.empty() ? w.value(nullptr) : w.value(m.nick);
  w.raw(R"("avatar":null,"banner":null,"premium_since":null,"deaf":false,"mute":false,"flags":0)");
  w.raw(R"("pending":false,"communication_disabled_until":null)");
}

void write_member(json_writer& w, const guild_state& state, const member& m, bool with_user,
                  std::optional<std::uint64_t> permissions) {
  w.begin_object();
  write_member_fields(w, state, m, with_user);
  if (permissions) w.bits_field("permissions", *permissions);
  w.end_object();
}

void write_last_pin(json_writer& w, const channel& c) {
  std::uint64_t last = 0;
  for (auto& [id, pinned_ms] : c.pins) last = std::max(last, pinned_ms);
  last ? w.value(base::to_iso8601(from_unix_ms(last))) : w.value(nullptr);
}

void write_channel(json_writer& w, const guild_state& state, const channel& c, base::user_id viewer) {
  w.begin_object();
  if (c.thread) {
    write_thread_fields(w, state, c, {viewer});
    return w.end_object();
  }
  w.field("id", c.id);
  w.field("type", c.type);
  w.field("guild_id", state.first().guild);
  w.field("name", c.name);
  w.field("position", c.position);
  w.id_or_null("parent_id", c.parent);
  w.field("nsfw", c.nsfw);
  w.field("flags", 0);
  if (c.type == channel_types::text) {
    w.key("topic");
    c.topic.empty() ? w.value(nullptr) : w.value(c.topic);
    w.id_or_null("last_message_id", c.last_message);
    w.key("last_pin_timestamp");
    write_last_pin(w, c);
    w.field("rate_limit_per_user", c.rate_limit_per_user);
  }
  w.key("permission_overwrites");
  w.begin_array();
  for (auto& o : c.overwrites) {
    w.begin_object();
    w.key("id");
    w.quoted_number(o.id);
    w.field("type", o.for_member ? 1 : 0);
    w.bits_field("allow", o.allow);
    w.bits_field("deny", o.deny);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_guild_fields(json_writer& w, const guild_state& state) {
  w.field("id", state.first().guild);
  w.field("name", state.first().guild_name);
  w.field("owner_id", state.owner().id);
  w.raw(R"("icon":null,"splash":null,"discovery_splash":null,"banner":null,"description":null)");
  w.raw(R"("home_header":null,"nsfw":false)");
  w.raw(R"("vanity_url_code":null,"region":"local","afk_channel_id":null,"afk_timeout":300)");
  w.raw(R"("widget_enabled":false,"widget_channel_id":null,"verification_level":0)");
  w.raw(
      R"("default_message_notifications":0,"explicit_content_filter":0,"emojis":[],"features":[],"mfa_level":0)");
  w.raw(R"("application_id":null,"system_channel_id":null,"system_channel_flags":0,"rules_channel_id":null)");
  w.raw(R"("public_updates_channel_id":null,"safety_alerts_channel_id":null,"max_presences":null)");
  w.raw(R"("max_members":500000,"premium_tier":0,"premium_subscription_count":0,"preferred_locale":"en-US")");
  w.raw(R"("max_video_channel_users":25,"max_stage_video_channel_users":50,"nsfw_level":0,"stickers":[])");
  w.raw(R"("premium_progress_bar_enabled":false,"incidents_data":null)");
  w.key("roles");
  w.begin_array();
  for (auto& r : state.roles()) write_role(w, r);
  w.end_array();
}

void write_application(json_writer& w, const guild_state& state, std::uint64_t flags) {
  w.begin_object();
  w.field("id", state.application());
  w.field("name", state.bot().username);
  w.raw(
      R"("description":"","icon":null,"bot_public":false,"bot_require_code_grant":false,"team":null,"summary":"")");
  w.raw(R"("rpc_origins":[],"redirect_uris":[],"tags":[],"hook":true,"interactions_endpoint_url":null)");
  w.raw(R"("role_connections_verification_url":null,"event_webhooks_url":null,"event_webhooks_status":1)");
  w.raw(
      R"("approximate_guild_count":1,"approximate_user_install_count":0,"integration_types_config":{"0":{}})");
  w.raw(R"("type":null,"approximate_user_authorization_count":0,"explicit_content_filter":0)");
  w.raw(R"("eligible_oauth2_scopes":["applications.commands","bot"])");
  w.field("verify_key", state.first().verify_key);
  w.field("flags", flags);
  w.bits_field("flags_new", flags);
  w.field("guild_id", state.first().guild);
  w.key("bot");
  write_user(w, state.bot());
  w.key("owner");
  write_user(w, state.owner());
  w.end_object();
}

void write_command(json_writer& w, const guild_state& state, const app_command& command,
                   command_scope scope) {
  w.begin_object();
  w.field("id", command.id);
  w.field("application_id", state.application());
  w.key("version");
  w.quoted_number(command.version);
  if (scope == command_scope::guild) w.field("guild_id", state.first().guild);
  for (auto& [key, value] : command.definition) {
    // Commands that were registered before the guild knew the application's default.
    bool unset = key == "integration_types" && value.is_null();
    w.raw_field(key, unset ? "[0]" : boost::json::serialize(value));
  }
  w.end_object();
}

}  // namespace dbcord::guild
