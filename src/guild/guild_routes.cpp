// The guild and the list of its channels (facts 4.2).

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

}  // namespace dbcord::guild
