// Channels (facts 4.3).

#include <algorithm>
#include <boost/json.hpp>

#include "guild/channel_form.hpp"
#include "guild/events.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

reply channel_reply(const world& w, const channel& c, int status = 200) {
  std::string text;
  json_writer j(text);
  write_channel(j, w.state, c);
  return reply::json(std::move(text), status);
}

int next_position(const world& w, int type) {
  int next = 0;
  for (auto& [id, c] : w.state.channels()) {
    if (c.type == type) next = std::max(next, c.position + 1);
  }
  return next;
}

// Changes of name and topic have a limit of their own that no header shows (facts 2.7).
outcome<void> admit_hidden(world& w, const call& c, const channel_settings& now,
                           const channel_settings& wanted) {
  if (!w.options.rate_limits || !c.by_bot()) return {};
  auto admit = [&](const char* group) -> outcome<void> {
    auto verdict = w.limits.admit(*find_rate_rule(group), now.id.value, w.now);
    if (verdict.admitted) return {};
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset - w.now);
    return api_error{429, 0, "You are being rate limited.", {}, wait};
  };
  if (now.name != wanted.name) {
    if (auto ok = admit("channel rename"); !ok) return ok;
  }
  if (now.topic != wanted.topic) return admit("channel topic");
  return {};
}

}  // namespace

outcome<reply> create_channel(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (!(permissions_in_guild(w.state, c.caller->id) & permission::manage_channels)) {
    return errors::missing_permissions();
  }
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto form = read_channel_form(w, *body, {}, true);
  if (!form) return form.error();
  if (w.state.channels().size() >= channels_in_guild_max) return errors::too_many_channels();
  if (!may_grant(w, form->overwrites, c.caller->id)) return errors::missing_permissions();
  if (!find_value(*body, "position")) form->position = next_position(w, form->type);
  form->id = w.durable_id<base::channel_id>();
  auto& made = w.store_channel(std::move(*form));
  announce_channel(w, "CHANNEL_CREATE", made);
  return channel_reply(w, made, 201);
}

outcome<reply> get_channel(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  return channel_reply(w, **found);
}

outcome<reply> edit_channel(world& w, const call& c) {
  auto found = need_channel(w, c, permission::manage_channels);
  if (!found) return found.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  const channel_settings& before = **found;
  auto form = read_channel_form(w, *body, before, false);
  if (!form) return form.error();
  if (form->overwrites != before.overwrites) {
    bool may = permissions_in_channel(w.state, before, c.caller->id) & permission::manage_roles;
    if (!may || !may_grant(w, form->overwrites, c.caller->id)) return errors::missing_permissions();
  }
  if (auto ok = admit_hidden(w, c, before, *form); !ok) return ok.error();
  auto& changed = w.store_channel(std::move(*form));
  announce_channel(w, "CHANNEL_UPDATE", changed);
  return channel_reply(w, changed);
}

outcome<reply> delete_channel(world& w, const call& c) {
  auto found = need_channel(w, c, permission::manage_channels);
  if (!found) return found.error();
  auto& doomed = **found;
  auto id = doomed.id;
  auto answer = channel_reply(w, doomed);
  std::vector<base::channel_id> children;
  for (auto& [child_id, child] : w.state.channels()) {
    if (child.parent == id) children.push_back(child_id);
  }
  announce_channel(w, "CHANNEL_DELETE", doomed);
  w.remove_channel(id);  // its children are without a parent from now on
  for (auto child : children) announce_channel(w, "CHANNEL_UPDATE", *w.state.find_channel(child));
  return answer;
}

}  // namespace dbcord::guild
