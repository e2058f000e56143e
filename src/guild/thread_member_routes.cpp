// Who is in a thread (facts 4.4).

#include <algorithm>

#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

outcome<const channel*> need_thread(const world& w, const call& c) {
  auto found = need_channel(w, c);
  if (found && !(*found)->thread) return errors::wrong_channel_type();
  return found;
}

outcome<const channel*> need_open_thread(const world& w, const call& c) {
  auto found = need_thread(w, c);
  if (found && (*found)->thread->archived) return errors::thread_archived();
  return found;
}

void write_listed(json_writer& j, const world& w, const channel& thread, const thread_member& m,
                  bool with_member) {
  j.begin_object();
  write_thread_member_fields(j, thread, m);
  auto* member = with_member ? w.state.find_member(m.user) : nullptr;
  if (member) {
    j.key("member");
    write_member(j, w.state, *member, true);
  }
  j.end_object();
}

outcome<base::user_id> need_user(const world& w, const call& c) {
  if (c.parameters[1] == "@me") return c.caller->id;
  auto id = c.id<base::user_id>(1, "user_id");
  if (!id) return id.error();
  if (!w.state.find_user(*id)) return errors::unknown_user();
  return *id;
}

outcome<void> admit_member(const world& w, const channel& thread, base::user_id who) {
  if (!w.state.find_member(who)) return errors::unknown_member();
  bool full = thread.thread->members.size() >= thread_members_max && !find_thread_member(thread, who);
  if (full) return errors::too_many_thread_members();
  return {};
}

}  // namespace

outcome<reply> join_thread(world& w, const call& c) {
  auto found = need_open_thread(w, c);
  if (!found) return found.error();
  if (auto ok = admit_member(w, **found, c.caller->id); !ok) return ok.error();
  add_to_thread(w, **found, c.caller->id);
  return reply::empty();
}

outcome<reply> leave_thread(world& w, const call& c) {
  auto found = need_open_thread(w, c);
  if (!found) return found.error();
  remove_from_thread(w, **found, c.caller->id);
  return reply::empty();
}

outcome<reply> add_thread_member(world& w, const call& c) {
  auto found = need_open_thread(w, c);
  if (!found) return found.error();
  auto& thread = **found;
  auto who = need_user(w, c);
  if (!who) return who.error();
  auto bits = permissions_in_channel(w.state, thread, c.caller->id);
  if (!(bits & permission::send_messages)) return errors::missing_permissions();
  bool invites = thread.type == channel_types::private_thread && !thread.thread->invitable;
  bool may_invite = bits & permission::manage_threads || thread.thread->owner == c.caller->id;
  if (invites && !may_invite) return errors::missing_permissions();
  if (auto ok = admit_member(w, thread, *who); !ok) return ok.error();
  add_to_thread(w, thread, *who);
  return reply::empty();
}

outcome<reply> remove_thread_member(world& w, const call& c) {
  auto found = need_open_thread(w, c);
  if (!found) return found.error();
  auto& thread = **found;
  auto who = need_user(w, c);
  if (!who) return who.error();
  bool moderates = permissions_in_channel(w.state, thread, c.caller->id) & permission::manage_threads;
  bool owns = thread.type == channel_types::private_thread && thread.thread->owner == c.caller->id;
  if (!moderates && !owns) return errors::missing_permissions();
  remove_from_thread(w, thread, *who);
  return reply::empty();
}

outcome<reply> get_thread_member(world& w, const call& c) {
  auto found = need_thread(w, c);
  if (!found) return found.error();
  auto who = need_user(w, c);
  if (!who) return who.error();
  auto* m = find_thread_member(**found, *who);
  if (!m) return errors::unknown_member();
  std::string text;
  json_writer j(text);
  write_listed(j, w, **found, *m, c.query.flag("with_member"));
  return reply::json(std::move(text));
}

outcome<reply> list_thread_members(world& w, const call& c) {
  auto found = need_thread(w, c);
  if (!found) return found.error();
  if (c.by_bot() && !w.options.members_intent) return errors::missing_access();
  auto limit = query_number(c.query, "limit", {1, 100}, 100);
  if (!limit) return limit.error();
  auto after = query_id<base::user_id>(c.query, "after");
  if (!after) return after.error();
  auto members = (*found)->thread->members;
  std::sort(members.begin(), members.end(), [](auto& a, auto& b) { return a.user < b.user; });
  std::string text;
  json_writer j(text);
  j.begin_array();
  std::size_t shown = 0;
  for (auto& m : members) {
    if (m.user <= after->value_or(base::user_id{}) || shown == *limit) continue;
    ++shown;
    write_listed(j, w, **found, m, c.query.flag("with_member"));
  }
  j.end_array();
  return reply::json(std::move(text));
}

}  // namespace dbcord::guild
