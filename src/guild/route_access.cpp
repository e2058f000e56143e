// Look-ups and permission checks that most handlers begin with.

#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {

outcome<const channel*> need_channel(const world& w, const call& c) {
  auto id = c.id<base::channel_id>(0, "channel_id");
  if (!id) return id.error();
  auto* found = w.state.find_channel(*id);
  if (!found) return errors::unknown_channel();
  if (!(permissions_in_channel(w.state, *found, c.caller->id) & permission::view_channel)) {
    return errors::missing_access();
  }
  return found;
}

outcome<const channel*> need_channel(const world& w, const call& c, std::uint64_t wanted) {
  auto found = need_channel(w, c);
  if (!found) return found;
  auto bits = permissions_in_channel(w.state, **found, c.caller->id);
  if ((bits & wanted) != wanted) return errors::missing_permissions();
  return found;
}

outcome<void> need_guild(const world& w, const call& c, std::size_t parameter) {
  auto id = c.id<base::guild_id>(parameter, "guild_id");
  if (!id) return id.error();
  if (*id != w.state.first().guild) return errors::unknown_guild();
  return {};
}

reply message_reply(const world& w, base::channel_id where, const stored_message& m, base::user_id viewer,
                    std::string_view nonce) {
  std::string text;
  json_writer j(text);
  bool content = sees_content(w, m, viewer, w.options.message_content_intent);
  write_message(j, w.state, w.urls, where, m, {content, false, nonce, viewer}, w.now);
  return reply::json(std::move(text));
}

}  // namespace dbcord::guild
