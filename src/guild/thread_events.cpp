#include "guild/thread_events.hpp"

#include <algorithm>

#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

bool hears(const world& w, const gateway_session& s, const channel& thread) {
  if (s.bot && !(s.intents & intents::guilds)) return false;
  return permissions_in_channel(w.state, thread, s.user) & permission::view_channel;
}

std::string thread_text(const world& w, const channel& thread, base::user_id viewer, bool newly_created) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  write_thread_fields(j, w.state, thread, {viewer});
  if (newly_created) j.field("newly_created", true);
  j.end_object();
  return text;
}

void write_full_member(json_writer& j, const world& w, const channel& thread, base::user_id who) {
  j.begin_object();
  write_thread_member_fields(j, thread, *find_thread_member(thread, who));
  if (auto* m = w.state.find_member(who)) {
    j.key("member");
    write_member(j, w.state, *m, true);
  }
  j.field("presence", nullptr);
  j.end_object();
}

// What a session may know of the memberships of others.
std::vector<base::user_id> shown_to(const gateway_session& s, std::span<const base::user_id> users) {
  bool all = !s.bot || s.intents & intents::guild_members;
  std::vector<base::user_id> shown;
  for (auto id : users) {
    if (all || id == s.user) shown.push_back(id);
  }
  return shown;
}

std::string members_text(const world& w, const channel& thread, std::span<const base::user_id> added,
                         std::span<const base::user_id> removed) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", thread.id);
  j.field("guild_id", w.state.first().guild);
  auto count = thread.thread->members.size() - removed.size();
  j.field("member_count", std::min(count, shown_members_max));
  if (!added.empty()) {
    j.key("added_members");
    j.begin_array();
    for (auto id : added) write_full_member(j, w, thread, id);
    j.end_array();
  }
  if (!removed.empty()) {
    j.key("removed_member_ids");
    j.begin_array();
    for (auto id : removed) j.value(id);
    j.end_array();
  }
  j.end_object();
  return text;
}

std::string list_text(const world& w, base::user_id who, base::channel_id parent) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  j.key("channel_ids");
  j.begin_array();
  j.value(parent);
  j.end_array();
  std::vector<const channel*> threads;
  for (auto id : w.state.threads_of(parent)) {
    auto* t = w.state.find_channel(id);
    bool shown = permissions_in_channel(w.state, *t, who) & permission::view_channel;
    if (shown && !t->thread->archived) threads.push_back(t);
  }
  write_thread_list(j, w.state, threads, who);
  j.end_object();
  return text;
}

}  // namespace

void announce_thread(world& w, std::string_view event, const channel& thread, bool newly_created) {
  for (auto& s : w.sessions.all()) {
    if (hears(w, *s, thread)) w.sessions.dispatch(*s, event, thread_text(w, thread, s->user, newly_created));
  }
}

void announce_thread_to(world& w, std::string_view event, const channel& thread, base::user_id who) {
  for (auto& s : w.sessions.all()) {
    if (s->user != who || !hears(w, *s, thread)) continue;
    w.sessions.dispatch(*s, event, thread_text(w, thread, who, false));
  }
}

void announce_thread_deletion(world& w, const channel& thread) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", thread.id);
  j.field("guild_id", w.state.first().guild);
  j.field("parent_id", thread.parent);
  j.field("type", thread.type);
  j.end_object();
  auto data = std::make_shared<const std::string>(std::move(text));
  for (auto& s : w.sessions.all()) {
    if (hears(w, *s, thread)) w.sessions.dispatch(*s, "THREAD_DELETE", data);
  }
}

void announce_thread_members(world& w, const channel& thread, std::span<const base::user_id> added,
                             std::span<const base::user_id> removed) {
  for (auto& s : w.sessions.all()) {
    if (!hears(w, *s, thread)) continue;
    auto came = shown_to(*s, added);
    auto went = shown_to(*s, removed);
    if (came.empty() && went.empty()) continue;
    w.sessions.dispatch(*s, "THREAD_MEMBERS_UPDATE", members_text(w, thread, came, went));
  }
}

void announce_own_memberships(world& w, const channel& thread) {
  for (auto& s : w.sessions.all()) {
    auto* own = find_thread_member(thread, s->user);
    if (!own || !hears(w, *s, thread)) continue;
    std::string text;
    json_writer j(text);
    j.begin_object();
    write_thread_member_fields(j, thread, *own);
    j.field("guild_id", w.state.first().guild);
    j.end_object();
    w.sessions.dispatch(*s, "THREAD_MEMBER_UPDATE", std::move(text));
  }
}

void announce_thread_list(world& w, base::user_id who, base::channel_id parent) {
  for (auto& s : w.sessions.all()) {
    bool gets = s->user == who && (!s->bot || s->intents & intents::guilds);
    if (gets) w.sessions.dispatch(*s, "THREAD_LIST_SYNC", list_text(w, who, parent));
  }
}

}  // namespace dbcord::guild
