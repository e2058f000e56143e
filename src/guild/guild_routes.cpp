// The guild, its members and roles (facts 4.2).

#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {

outcome<reply> get_guild(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  std::string text;
  json_writer j(text);
  j.begin_object();
  write_guild_fields(j, w.state);
  if (c.query.flag("with_counts")) {
    j.field("approximate_member_count", w.state.members().size());
    j.field("approximate_presence_count", w.state.members().size());
  }
  j.end_object();
  return reply::json(std::move(text));
}

outcome<reply> get_guild_channels(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto& [id, channel] : w.state.channels()) {
    if (!channel.thread) write_channel(j, w.state, channel);
  }
  j.end_array();
  return reply::json(std::move(text));
}

namespace {

outcome<reply> member_reply(const world& w, base::user_id id) {
  auto* found = w.state.find_member(id);
  if (!found) return w.state.find_user(id) ? errors::unknown_member() : errors::unknown_user();
  std::string text;
  json_writer j(text);
  write_member(j, w.state, *found, true);
  return reply::json(std::move(text));
}

}  // namespace

outcome<reply> get_member(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (c.parameters[1] == "@me") return member_reply(w, c.caller->id);
  auto id = c.id<base::user_id>(1, "user_id");
  if (!id) return id.error();
  return member_reply(w, *id);
}

outcome<reply> get_own_member(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  return member_reply(w, c.caller->id);
}

outcome<reply> get_roles(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto& r : w.state.roles()) write_role(j, r);
  j.end_array();
  return reply::json(std::move(text));
}

}  // namespace dbcord::guild
