#include "guild/events.hpp"

#include <algorithm>

#include "guild/permissions.hpp"
#include "guild/render.hpp"

namespace dbcord::guild {
namespace {

using shared_text = std::shared_ptr<const std::string>;

bool can_view(const world& w, const gateway_session& s, const channel& c) {
  return permissions_in_channel(w.state, c, s.user) & permission::view_channel;
}

bool listens(const world& w, const gateway_session& s, const channel& c, std::uint64_t intent) {
  return (!s.bot || s.intents & intent) && can_view(w, s, c);
}

// The forms of a message event, each written once and only if somebody gets it: people see all, bots their own
// reactions and perhaps no content.
class message_event {
 public:
  message_event(const world& w, base::channel_id where, const stored_message& m, std::string_view nonce)
      : world_(w), where_(where), message_(m), nonce_(nonce) {}

  const shared_text& text_for(const gateway_session& s) {
    bool full = !s.bot || sees_content(world_, message_, s.user, s.intents & intents::message_content);
    auto& text = !s.bot ? persons_ : full ? full_ : stripped_;
    if (!text) text = write(full, s.user);
    return text;
  }

 private:
  shared_text write(bool with_content, base::user_id viewer) const {
    std::string text;
    json_writer w(text);
    write_message(w, world_.state, world_.urls, where_, message_, {with_content, true, nonce_, viewer}, world_.now);
    return std::make_shared<const std::string>(std::move(text));
  }

  const world& world_;
  base::channel_id where_;
  const stored_message& message_;
  std::string_view nonce_;
  shared_text persons_, full_, stripped_;
};

std::string removal_data(const world& w, base::channel_id where, base::message_id id, bool with_guild) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", id);
  j.field("channel_id", where);
  if (with_guild) j.field("guild_id", w.state.first().guild);
  j.end_object();
  return text;
}

std::string bulk_removal_data(const world& w, base::channel_id where, std::span<const base::message_id> ids) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.key("ids");
  j.begin_array();
  for (auto id : ids) j.value(id);
  j.end_array();
  j.field("channel_id", where);
  j.field("guild_id", w.state.first().guild);
  j.end_object();
  return text;
}

}  // namespace

bool sees_content(const world& w, const stored_message& m, base::user_id viewer, bool has_content_intent) {
  if (has_content_intent || m.author == viewer || viewer == w.state.owner().id) return true;
  if (!m.extras) return false;
  auto& mentions = m.extras->mentions;
  return std::find(mentions.begin(), mentions.end(), viewer) != mentions.end();
}

void announce_channel(world& w, std::string_view event, const channel& c) {
  shared_text data;
  for (auto& s : w.sessions.all()) {
    if (!listens(w, *s, c, intents::guilds)) continue;
    if (!data) {
      std::string text;
      json_writer j(text);
      write_channel(j, w.state, c);
      data = std::make_shared<const std::string>(std::move(text));
    }
    w.sessions.dispatch(*s, event, data);
  }
}

void announce_message(world& w, std::string_view event, const channel& c, const stored_message& m,
                      std::string_view nonce) {
  message_event text(w, c.id, m, nonce);
  for (auto& s : w.sessions.all()) {
    if (listens(w, *s, c, intents::guild_messages)) w.sessions.dispatch(*s, event, text.text_for(*s));
  }
}

void announce_ephemeral(world& w, std::string_view event, base::channel_id where, const stored_message& m,
                        base::user_id user) {
  message_event text(w, where, m, {});
  for (auto& s : w.sessions.all()) {
    bool gets = s->bot ? s->intents & intents::direct_messages : s->user == user;
    if (gets) w.sessions.dispatch(*s, event, text.text_for(*s));
  }
}

void announce_in_channel(world& w, const channel& c, std::uint64_t intent, std::string_view event,
                         std::string data) {
  auto shared = std::make_shared<const std::string>(std::move(data));
  for (auto& s : w.sessions.all()) {
    if (listens(w, *s, c, intent)) w.sessions.dispatch(*s, event, shared);
  }
}

void announce_pins(world& w, const channel& c) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  j.field("channel_id", c.id);
  j.key("last_pin_timestamp");
  write_last_pin(j, c);
  j.end_object();
  announce_in_channel(w, c, intents::guilds, "CHANNEL_PINS_UPDATE", std::move(text));
}

void announce_removal(world& w, const channel& c, base::message_id id) {
  announce_in_channel(w, c, intents::guild_messages, "MESSAGE_DELETE", removal_data(w, c.id, id, true));
}

void announce_bulk_removal(world& w, const channel& c, std::span<const base::message_id> ids) {
  if (ids.empty()) return;
  announce_in_channel(w, c, intents::guild_messages, "MESSAGE_DELETE_BULK", bulk_removal_data(w, c.id, ids));
}

void announce_ephemeral_removal(world& w, base::channel_id where, base::message_id id, base::user_id user) {
  auto data = std::make_shared<const std::string>(removal_data(w, where, id, false));
  for (auto& s : w.sessions.all()) {
    bool gets = s->bot ? s->intents & intents::direct_messages : s->user == user;
    if (gets) w.sessions.dispatch(*s, "MESSAGE_DELETE", data);
  }
}

void announce_to_user(world& w, base::user_id user, std::string_view event, std::string data) {
  auto shared = std::make_shared<const std::string>(std::move(data));
  for (auto& s : w.sessions.all()) {
    if (s->user == user) w.sessions.dispatch(*s, event, shared);
  }
}

}  // namespace dbcord::guild
