// Members (facts 4.2): reading, nicknames, roles.

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>

#include "guild/hierarchy.hpp"
#include "guild/json_read.hpp"
#include "guild/member_events.hpp"
#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/text.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t nick_max = 32;

reply member_reply(const world& w, const member& m) {
  std::string text;
  json_writer j(text);
  write_member(j, w.state, m, true);
  return reply::json(std::move(text));
}

reply list_reply(const world& w, const std::vector<const member*>& shown) {
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto* m : shown) write_member(j, w.state, *m, true);
  j.end_array();
  return reply::json(std::move(text));
}

outcome<const member*> find_named(const world& w, base::user_id id) {
  auto* found = w.state.find_member(id);
  if (!found) return w.state.find_user(id) ? errors::unknown_member() : errors::unknown_user();
  return found;
}

// "@me" or the id in the path.
outcome<const member*> need_member(const world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (c.parameters.size() < 2 || c.parameters[1] == "@me") return find_named(w, c.caller->id);
  auto id = c.id<base::user_id>(1, "user_id");
  if (!id) return id.error();
  return find_named(w, *id);
}

const member& store(world& w, member changed) {
  auto seen = visible_channels(w, w.state.bot().id);
  auto& stored = w.store_member(std::move(changed));
  announce_member(w, stored);
  announce_gained_channels(w, w.state.bot().id, seen);
  return stored;
}

outcome<void> read_nick(const world& w, const call& c, const boost::json::object& body, member& m) {
  if (!body.contains("nick")) return {};
  bool own = m.user == c.caller->id;
  auto needed = own ? permission::change_nickname : permission::manage_nicknames;
  bool may =
      permissions_in_guild(w.state, c.caller->id) & needed && (own || stands_above(w.state, c.caller->id, m));
  if (!may) return errors::missing_permissions();
  auto text = text_field(body, "nick").value_or(std::string_view());
  auto nick = clean_content(text);
  if (count_code_points(nick) > nick_max) {
    form_errors wrong;
    wrong.too_long("nick", 0, nick_max);
    return wrong.take();
  }
  m.nick = std::move(nick);
  return {};
}

// Roles that a person or bot has by itself are nobody's to give.
outcome<void> may_assign(const world& w, const call& c, base::role_id id) {
  auto* r = w.state.find_role(id);
  if (!r) return errors::unknown_role();
  if (r->managed || id == w.state.everyone().id) return errors::invalid_role();
  bool may = permissions_in_guild(w.state, c.caller->id) & permission::manage_roles &&
             stands_above(w.state, c.caller->id, *r);
  if (!may) return errors::missing_permissions();
  return {};
}

outcome<void> read_roles(const world& w, const call& c, const boost::json::object& body, member& m) {
  auto* list = array_field(body, "roles");
  if (!list) return {};
  std::vector<base::role_id> wanted;
  for (auto& item : *list) {
    auto id = as_snowflake(item);
    if (!id) return form_error("roles", "NUMBER_TYPE_COERCE", "Value is not snowflake.");
    if (std::find(wanted.begin(), wanted.end(), base::role_id{*id}) == wanted.end()) wanted.push_back({*id});
  }
  auto contains = [](auto& ids, base::role_id id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (auto id : wanted) {
    if (contains(m.roles, id)) continue;
    if (auto ok = may_assign(w, c, id); !ok) return ok;
  }
  for (auto id : m.roles) {
    if (contains(wanted, id)) continue;
    if (auto ok = may_assign(w, c, id); !ok) return ok;
  }
  m.roles = std::move(wanted);
  return {};
}

std::vector<const member*> members_by_id(const world& w) {
  std::vector<const member*> all;
  for (auto& m : w.state.members()) all.push_back(&m);
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->user < b->user; });
  return all;
}

}  // namespace

outcome<reply> get_member(world& w, const call& c) {
  auto found = need_member(w, c);
  if (!found) return found.error();
  return member_reply(w, **found);
}

outcome<reply> get_own_member(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  auto found = find_named(w, c.caller->id);
  if (!found) return found.error();
  return member_reply(w, **found);
}

outcome<reply> list_members(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (c.by_bot() && !w.options.members_intent) return errors::missing_access();
  auto limit = query_number(c.query, "limit", {1, 1000}, 1);
  if (!limit) return limit.error();
  auto after = query_id<base::user_id>(c.query, "after");
  if (!after) return after.error();
  auto shown = members_by_id(w);
  std::erase_if(shown, [&](auto* m) { return *after && m->user <= **after; });
  if (shown.size() > *limit) shown.resize(*limit);
  return list_reply(w, shown);
}

outcome<reply> search_members(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  auto text = c.query.find("query");
  if (!text || text->empty()) return form_error("query", "BASE_TYPE_REQUIRED", "This field is required");
  auto limit = query_number(c.query, "limit", {1, 1000}, 1);
  if (!limit) return limit.error();
  auto shown = members_by_id(w);
  std::erase_if(shown, [&](auto* m) {
    auto& name = w.state.find_user(m->user)->username;
    return !boost::algorithm::istarts_with(name, *text) && !boost::algorithm::istarts_with(m->nick, *text);
  });
  if (shown.size() > *limit) shown.resize(*limit);
  return list_reply(w, shown);
}

outcome<reply> edit_member(world& w, const call& c) {
  auto found = need_member(w, c);
  if (!found) return found.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  // There are only the guild's owner and a bot; Discord lets nobody time out an owner or an administrator either.
  auto* timed_out = body->if_contains("communication_disabled_until");
  if (timed_out && !timed_out->is_null()) return errors::missing_permissions();
  auto m = **found;
  if (auto ok = read_nick(w, c, *body, m); !ok) return ok.error();
  if (auto ok = read_roles(w, c, *body, m); !ok) return ok.error();
  return member_reply(w, store(w, std::move(m)));
}

outcome<reply> edit_own_member(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  auto found = find_named(w, c.caller->id);
  if (!found) return found.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto m = **found;
  if (auto ok = read_nick(w, c, *body, m); !ok) return ok.error();
  return member_reply(w, store(w, std::move(m)));
}

outcome<reply> set_member_role(world& w, const call& c, bool wanted) {
  auto found = need_member(w, c);
  if (!found) return found.error();
  auto id = c.id<base::role_id>(2, "role_id");
  if (!id) return id.error();
  if (auto ok = may_assign(w, c, *id); !ok) return ok.error();
  auto m = **found;
  bool has = std::find(m.roles.begin(), m.roles.end(), *id) != m.roles.end();
  if (has == wanted) return reply::empty();
  if (wanted) m.roles.push_back(*id);
  if (!wanted) std::erase(m.roles, *id);
  store(w, std::move(m));
  return reply::empty();
}

}  // namespace dbcord::guild
