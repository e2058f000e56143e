#include "guild/member_events.hpp"

#include "guild/events.hpp"
#include "guild/render.hpp"

namespace dbcord::guild {
namespace {

void send(world& w, std::string_view event, std::string text) {
  auto data = std::make_shared<const std::string>(std::move(text));
  for (auto& s : w.sessions.all()) {
    if (!s->bot || s->intents & intents::guilds) w.sessions.dispatch(*s, event, data);
  }
}

}  // namespace

void announce_role(world& w, std::string_view event, const role& r) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  j.key("role");
  write_role(j, r);
  j.end_object();
  send(w, event, std::move(text));
}

void announce_role_deletion(world& w, base::role_id id) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  j.field("role_id", id);
  j.end_object();
  send(w, "GUILD_ROLE_DELETE", std::move(text));
}

void announce_member(world& w, const member& m) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  write_member_fields(j, w.state, m, true);
  j.end_object();
  auto data = std::make_shared<const std::string>(std::move(text));
  for (auto& s : w.sessions.all()) {
    bool gets = !s->bot || s->intents & intents::guild_members || s->user == m.user;
    if (gets) w.sessions.dispatch(*s, "GUILD_MEMBER_UPDATE", data);
  }
}

}  // namespace dbcord::guild
