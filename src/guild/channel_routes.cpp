// Channels (facts 4.3).

#include <algorithm>
#include <boost/json.hpp>

#include "guild/channel_form.hpp"
#include "guild/events.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

reply channel_reply(const world& w, const channel& c, int status = 200, base::user_id viewer = {}) {
  std::string text;
  json_writer j(text);
  write_channel(j, w.state, c, viewer);
  return reply::json(std::move(text), status);
}

int next_position(const world& w, int type) {
  int next = 0;
  for (auto& [id, c] : w.state.channels()) {
    if (c.type == type) next = std::max(next, c.position + 1);
  }
  return next;
}

std::size_t count_channels(const world& w) {
  auto& all = w.state.channels();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](auto& entry) { return !entry.second.thread; }));
}

}  // namespace

outcome<void> admit_hidden(world& w, const call& c, const char* group, base::channel_id where) {
  if (!w.options.rate_limits || !c.by_bot()) return {};
  auto verdict = w.limits.admit(*find_rate_rule(group), where.value, w.now);
  if (verdict.admitted) return {};
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset - w.now);
  return api_error{429, 0, "You are being rate limited.", {}, wait};
}

outcome<reply> create_channel(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (!(permissions_in_guild(w.state, c.caller->id) & permission::manage_channels)) {
    return errors::missing_permissions();
  }
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto form = read_channel_form(w, *body, {}, true);
  if (!form) return form.error();
  if (count_channels(w) >= channels_in_guild_max) return errors::too_many_channels();
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
  return channel_reply(w, **found, 200, c.caller->id);
}

outcome<reply> edit_channel(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  if ((*found)->thread) return edit_thread(w, c, **found);
  if (auto ok = need_channel(w, c, permission::manage_channels); !ok) return ok.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  const channel_settings& before = **found;
  auto form = read_channel_form(w, *body, before, false);
  if (!form) return form.error();
  if (form->overwrites != before.overwrites) {
    bool may = permissions_in_channel(w.state, before, c.caller->id) & permission::manage_roles;
    if (!may || !may_grant(w, form->overwrites, c.caller->id)) return errors::missing_permissions();
  }
  if (form->name != before.name) {
    if (auto ok = admit_hidden(w, c, "channel rename", before.id); !ok) return ok.error();
  }
  if (form->topic != before.topic) {
    if (auto ok = admit_hidden(w, c, "channel topic", before.id); !ok) return ok.error();
  }
  auto seen = visible_channels(w, w.state.bot().id);
  auto& changed = w.store_channel(std::move(*form));
  announce_channel(w, "CHANNEL_UPDATE", changed);
  announce_gained_channels(w, w.state.bot().id, seen);
  return channel_reply(w, changed);
}

outcome<reply> delete_channel(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  if ((*found)->thread) return delete_thread(w, c, **found);
  if (auto ok = need_channel(w, c, permission::manage_channels); !ok) return ok.error();
  auto& doomed = **found;
  auto id = doomed.id;
  auto answer = channel_reply(w, doomed);
  std::vector<base::channel_id> children;
  for (auto& [child_id, child] : w.state.channels()) {
    if (child.parent == id && !child.thread) children.push_back(child_id);
  }
  announce_channel(w, "CHANNEL_DELETE", doomed);
  w.remove_channel(id);  // its children are without a parent from now on
  for (auto child : children) announce_channel(w, "CHANNEL_UPDATE", *w.state.find_channel(child));
  return answer;
}

}  // namespace dbcord::guild
