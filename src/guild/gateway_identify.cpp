// IDENTIFY, READY and GUILD_CREATE (facts 5.4, 5.5).

#include <fmt/format.h>

#include <boost/json.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/events.hpp"
#include "guild/gateway.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"

namespace dbcord::guild {
namespace {

struct shard {
  std::int64_t index = 0;
  std::int64_t count = 0;  // 0: not sharded

  // Facts 5.9.
  bool holds(base::guild_id guild) const {
    return count == 0 || (guild.value >> 22) % static_cast<std::uint64_t>(count) == static_cast<std::uint64_t>(index);
  }
  std::string text() const { return count == 0 ? std::string() : fmt::format("[{},{}]", index, count); }
};

// nullopt if what `d` has makes no sense.
std::optional<shard> read_shard(const boost::json::object& d) {
  auto* value = find_value(d, "shard");
  if (!value) return shard();
  auto* array = value->if_array();
  if (!array || array->size() != 2) return std::nullopt;
  auto index = as_integer((*array)[0]);
  auto count = as_integer((*array)[1]);
  if (!index || !count || *index < 0 || *index >= *count) return std::nullopt;
  return shard{*index, *count};
}

const user& session_user(const world& w, const gateway_session& s) {
  return s.bot ? w.state.bot() : w.state.owner();
}

std::string ready(const world& world_, const gateway_session& session) {
  std::string text;
  json_writer w(text);
  w.begin_object();
  w.raw(R"("v":10,"user_settings":{},"session_type":"normal","private_channels":[],"presences":[])");
  w.raw(
      R"("relationships":[],"guild_join_requests":[],"geo_ordered_rtc_regions":[],"_trace":["[\"local\"]"])");
  w.key("user");
  write_own_user(w, session_user(world_, session));
  w.key("guilds");
  w.begin_array();
  if (session.holds_guild) {
    w.begin_object();
    w.field("id", world_.state.first().guild);
    w.field("unavailable", true);
    w.end_object();
  }
  w.end_array();
  w.field("session_id", session.id);
  w.field("resume_gateway_url", world_.gateway_url());
  if (!session.shard.empty()) w.raw_field("shard", session.shard);
  if (session.bot) {
    w.key("application");
    w.begin_object();
    w.field("id", world_.state.application());
    w.field("flags", world_.application_flags());
    w.end_object();
  }
  w.end_object();
  return text;
}

std::string guild_create(const world& world_, const gateway_session& session) {
  auto& state = world_.state;
  auto* self = state.find_member(session.user);
  std::string text;
  json_writer w(text);
  w.begin_object();
  write_guild_fields(w, state);
  w.field("joined_at", base::to_iso8601(self->joined_at));
  w.raw(R"("large":false,"unavailable":false,"presences":[],"voice_states":[])");
  w.raw(R"("stage_instances":[],"guild_scheduled_events":[],"soundboard_sounds":[])");
  w.field("member_count", state.members().size());
  w.key("members");
  w.begin_array();
  for (auto& m : state.members()) write_member(w, state, m, true);
  w.end_array();
  w.key("channels");
  w.begin_array();
  for (auto& [id, c] : state.channels()) {
    if (!c.thread) write_channel(w, state, c);
  }
  w.end_array();
  w.key("threads");
  w.begin_array();
  for (auto& [id, c] : state.channels()) {
    bool shown = c.thread && !c.thread->archived &&
                 permissions_in_channel(state, c, session.user) & permission::view_channel;
    if (!shown) continue;
    w.begin_object();
    write_thread_fields(w, state, c, {session.user, false});
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return text;
}

}  // namespace

void gateway::identify(connection_id id, const boost::json::object& payload) {
  auto* d = object_field(payload, "d");
  if (!d) return close(id, close_code::decode_error);
  auto token = text_field(*d, "token").value_or(std::string_view());
  auto& first = world_.state.first();
  if (token == first.owner_token) return identify_owner(id);
  if (token != first.bot_token) return close(id, close_code::authentication_failed);
  identify_bot(id, *d);
}

void gateway::identify_bot(connection_id id, const boost::json::object& d) {
  auto wanted = integer_field(d, "intents");
  if (!wanted || *wanted < 0) return close(id, close_code::invalid_intents);
  auto bits = static_cast<std::uint64_t>(*wanted);
  if (bits & ~intents::known) return close(id, close_code::invalid_intents);
  auto forbidden = intents::guild_members | intents::guild_presences;
  if (!world_.options.message_content_intent) forbidden |= intents::message_content;
  if (bits & forbidden) return close(id, close_code::disallowed_intents);
  auto part = read_shard(d);
  if (!part) return close(id, close_code::invalid_shard);
  if (!may_identify()) return send(id, 9, "false");
  gateway_session session;
  session.id = world_.random.token(32);
  session.user = world_.state.bot().id;
  session.bot = true;
  session.intents = bits;
  session.connection = id;
  session.shard = part->text();
  session.holds_guild = part->holds(world_.state.first().guild);
  greet(world_.sessions.start(std::move(session)));
}

void gateway::identify_owner(connection_id id) {
  gateway_session session;
  session.id = world_.random.token(32);
  session.user = world_.state.owner().id;
  session.connection = id;
  greet(world_.sessions.start(std::move(session)));
}

bool gateway::may_identify() {
  if (!world_.options.rate_limits) return true;
  if (last_identify_ && *last_identify_ <= world_.now && world_.now < *last_identify_ + world_.options.limits.identify_interval)
    return false;
  if (world_.now >= identify_day_ + std::chrono::hours(24)) identify_day_ = world_.now, identifies_ = 0;
  if (identifies_ >= world_.options.limits.identifies_a_day) return false;
  ++identifies_;
  last_identify_ = world_.now;
  return true;
}

int gateway::identifies_left(base::system_time now) const {
  auto a_day = world_.options.limits.identifies_a_day;
  return now >= identify_day_ + std::chrono::hours(24) ? a_day : a_day - identifies_;
}

std::chrono::milliseconds gateway::identifies_reset_after(base::system_time now) const {
  auto end = identify_day_ + std::chrono::hours(24);
  if (identifies_ == 0 || now >= end) return std::chrono::milliseconds(0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(end - now);
}

void gateway::greet(gateway_session& session) {
  world_.sessions.tell(session, "READY", ready(world_, session));
  if (session.bot && !(session.intents & intents::guilds)) return;
  world_.sessions.dispatch(session, "GUILD_CREATE", guild_create(world_, session));
}

}  // namespace dbcord::guild
