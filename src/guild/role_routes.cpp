// Roles (facts 4.2).

#include <algorithm>
#include <boost/json.hpp>

#include "guild/events.hpp"
#include "guild/hierarchy.hpp"
#include "guild/json_read.hpp"
#include "guild/member_events.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/role_form.hpp"
#include "guild/routes.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

reply role_reply(const role& r) {
  std::string text;
  json_writer j(text);
  write_role(j, r);
  return reply::json(std::move(text));
}

reply roles_reply(const world& w) {
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto& r : w.state.roles()) write_role(j, r);
  j.end_array();
  return reply::json(std::move(text));
}

outcome<void> need_manager(const world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok;
  if (!(permissions_in_guild(w.state, c.caller->id) & permission::manage_roles))
    return errors::missing_permissions();
  return {};
}

outcome<role> need_role(const world& w, const call& c) {
  auto id = c.id<base::role_id>(1, "role_id");
  if (!id) return id.error();
  auto* found = w.state.find_role(*id);
  if (!found) return errors::unknown_role();
  return *found;
}

// One that the caller may change: @everyone stands below all.
outcome<role> need_lower_role(const world& w, const call& c) {
  if (auto ok = need_manager(w, c); !ok) return ok.error();
  auto found = need_role(w, c);
  if (found && !stands_above(w.state, c.caller->id, *found)) return errors::missing_permissions();
  return found;
}

// What a change of roles or members does to the sight of the bot.
class sight_change {
 public:
  explicit sight_change(world& w) : w_(w), before_(visible_channels(w, w.state.bot().id)) {}
  void announce() { announce_gained_channels(w_, w_.state.bot().id, before_); }

 private:
  world& w_;
  std::vector<base::channel_id> before_;
};

outcome<std::vector<role>> read_positions(const world& w, const call& c) {
  auto form = read_form(c.request);
  if (!form) return form.error();
  auto* list = form->payload.if_array();
  if (!list) return form_error("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
  std::vector<role> moved;
  for (auto& item : *list) {
    auto* o = item.if_object();
    auto id = o ? id_field<base::role_id>(*o, "id") : std::nullopt;
    auto* found = id ? w.state.find_role(*id) : nullptr;
    if (!found) return errors::unknown_role();
    auto position = integer_field(*o, "position");
    if (!position) continue;
    if (*position < 1 || *position > static_cast<std::int64_t>(roles_max) ||
        found->id == w.state.everyone().id)
      return form_error("position", "NUMBER_TYPE_MAX", "int value should be between 1 and 250.");
    auto wanted = *found;
    wanted.position = static_cast<int>(*position);
    bool may = stands_above(w.state, c.caller->id, *found) && stands_above(w.state, c.caller->id, wanted);
    if (!may) return errors::missing_permissions();
    if (wanted.position != found->position) moved.push_back(std::move(wanted));
  }
  return moved;
}

}  // namespace

outcome<reply> get_roles(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  return roles_reply(w);
}

outcome<reply> get_role(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  auto found = need_role(w, c);
  if (!found) return found.error();
  return role_reply(*found);
}

outcome<reply> create_role(world& w, const call& c) {
  if (auto ok = need_manager(w, c); !ok) return ok.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  role fresh;
  fresh.name = "new role";
  fresh.permissions = w.state.everyone().permissions;
  fresh.position = 1;
  auto form = read_role_form(*body, std::move(fresh));
  if (!form) return form.error();
  if (w.state.roles().size() >= roles_max) return errors::too_many_roles();
  if (find_value(*body, "permissions") && !may_give(w.state, c.caller->id, form->permissions))
    return errors::missing_permissions();
  form->id = w.durable_id<base::role_id>();
  auto& made = w.store_role(std::move(*form));
  announce_role(w, "GUILD_ROLE_CREATE", made);
  return role_reply(made);
}

outcome<reply> edit_role(world& w, const call& c) {
  auto before = need_lower_role(w, c);
  if (!before) return before.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto form = read_role_form(*body, *before);
  if (!form) return form.error();
  if (!may_give(w.state, c.caller->id, form->permissions ^ before->permissions))
    return errors::missing_permissions();
  if (form->id == w.state.everyone().id) form->name = before->name;
  sight_change sight(w);
  auto& changed = w.store_role(std::move(*form));
  announce_role(w, "GUILD_ROLE_UPDATE", changed);
  sight.announce();
  return role_reply(changed);
}

outcome<reply> move_roles(world& w, const call& c) {
  if (auto ok = need_manager(w, c); !ok) return ok.error();
  auto moved = read_positions(w, c);
  if (!moved) return moved.error();
  for (auto& r : *moved) announce_role(w, "GUILD_ROLE_UPDATE", w.store_role(r));
  return roles_reply(w);
}

outcome<reply> delete_role(world& w, const call& c) {
  auto doomed = need_lower_role(w, c);
  if (!doomed) return doomed.error();
  if (doomed->managed || doomed->id == w.state.everyone().id) return errors::invalid_role();
  std::vector<base::user_id> had;
  for (auto& m : w.state.members()) {
    if (std::find(m.roles.begin(), m.roles.end(), doomed->id) != m.roles.end()) had.push_back(m.user);
  }
  sight_change sight(w);
  w.remove_role(doomed->id);
  announce_role_deletion(w, doomed->id);
  for (auto id : had) announce_member(w, *w.state.find_member(id));
  sight.announce();
  return reply::empty();
}

outcome<reply> give_role(world& w, const call& c) {
  return set_member_role(w, c, true);
}

outcome<reply> take_role(world& w, const call& c) {
  return set_member_role(w, c, false);
}

}  // namespace dbcord::guild
