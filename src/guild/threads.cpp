#include "guild/threads.hpp"

#include <algorithm>

#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/system_message.hpp"
#include "guild/thread_events.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

stored_message blank(base::user_id author, std::uint8_t type) {
  stored_message m;
  m.author = author;
  m.type = type;
  return m;
}

}  // namespace

const thread_member* find_thread_member(const channel_settings& thread, base::user_id who) {
  auto& members = thread.thread->members;
  auto found =
      std::find_if(members.begin(), members.end(), [&](const thread_member& m) { return m.user == who; });
  return found == members.end() ? nullptr : &*found;
}

const channel& start_thread(world& w, channel_settings settings) {
  auto now = to_unix_ms(w.now);
  auto owner = settings.thread->owner;
  settings.thread->created_ms = settings.thread->archive_ms = now;
  settings.thread->members = {{owner, now}};
  auto& made = w.store_channel(std::move(settings));
  announce_thread(w, "THREAD_CREATE", made, true);
  announce_thread_members(w, made, std::span(&owner, 1), {});
  return made;
}

const channel& change_thread(world& w, channel_settings settings) {
  auto& before = *w.state.find_channel(settings.id)->thread;
  bool woken = before.archived && !settings.thread->archived;
  bool restamped = before.archived != settings.thread->archived ||
                   before.auto_archive_minutes != settings.thread->auto_archive_minutes;
  if (restamped) settings.thread->archive_ms = to_unix_ms(w.now);
  auto& changed = w.store_channel(std::move(settings));
  announce_thread(w, "THREAD_UPDATE", changed);
  if (woken) announce_own_memberships(w, changed);
  return changed;
}

void add_to_thread(world& w, const channel& thread, base::user_id who) {
  if (find_thread_member(thread, who)) return;
  channel_settings settings = thread;
  settings.thread->members.push_back({who, to_unix_ms(w.now)});
  auto& changed = w.store_channel(std::move(settings));
  announce_thread_to(w, "THREAD_CREATE", changed, who);
  announce_thread_members(w, changed, std::span(&who, 1), {});
}

void remove_from_thread(world& w, const channel& thread, base::user_id who) {
  if (!find_thread_member(thread, who)) return;
  // Told before: who leaves a private thread does not see it afterwards.
  announce_thread_members(w, thread, {}, std::span(&who, 1));
  channel_settings settings = thread;
  std::erase_if(settings.thread->members, [&](const thread_member& m) { return m.user == who; });
  w.store_channel(std::move(settings));
}

void delete_thread(world& w, const channel& thread) {
  auto id = thread.id;
  auto parent = thread.parent;
  announce_thread_deletion(w, thread);
  w.remove_channel(id);
  mark_thread_message(w, parent, {id.value}, false);
}

outcome<void> may_write_in_thread(const world& w, const channel& thread, std::uint64_t bits) {
  if (thread.thread->locked && !(bits & permission::manage_threads)) return errors::thread_locked();
  bool wakes = thread.thread->archived;
  if (wakes && w.state.active_threads() >= active_threads_max) return errors::too_many_active_threads();
  return {};
}

void wake_thread(world& w, const channel& thread, base::user_id author) {
  if (thread.thread->archived) {
    channel_settings settings = thread;
    settings.thread->archived = false;
    change_thread(w, std::move(settings));
  }
  if (thread.thread->members.size() < thread_members_max) add_to_thread(w, thread, author);
}

void archive_idle_threads(world& w) {
  for (auto next = w.state.next_archive(); next && next->first <= w.now; next = w.state.next_archive()) {
    if (w.state.reschedule_archive(next->second) > w.now) continue;  // somebody wrote meanwhile
    channel_settings settings = *w.state.find_channel(next->second);
    settings.thread->archived = true;
    change_thread(w, std::move(settings));
  }
}

void post_thread_starter(world& w, const channel& thread) {
  auto m = blank(thread.thread->owner, message_types::thread_starter);
  m.need_extras().reference = {thread.id.value};
  m.need_extras().reference_channel = thread.parent;
  post_system_message(w, thread.id, std::move(m));
}

void post_thread_created(world& w, const channel& thread) {
  auto m = blank(thread.thread->owner, message_types::thread_created);
  m.content = thread.name;
  m.need_extras().reference_channel = thread.id;
  post_system_message(w, thread.parent, std::move(m));
}

void mark_thread_message(world& w, base::channel_id parent, base::message_id id, bool has_thread) {
  auto* before = w.state.find_message(parent, id);
  if (!before) return;
  auto m = before->clone();
  m.flags = has_thread ? m.flags | message_flags::has_thread : m.flags & ~message_flags::has_thread;
  if (m.flags == before->flags) return;
  auto& changed = w.store_message(parent, std::move(m));
  announce_message(w, "MESSAGE_UPDATE", *w.state.find_channel(parent), changed);
}

std::vector<base::channel_id> visible_channels(const world& w, base::user_id who) {
  std::vector<base::channel_id> seen;
  for (auto& [id, c] : w.state.channels()) {
    if (c.type != channel_types::text) continue;
    if (permissions_in_channel(w.state, c, who) & permission::view_channel) seen.push_back(id);
  }
  return seen;
}

void announce_gained_channels(world& w, base::user_id who, std::span<const base::channel_id> before) {
  for (auto id : visible_channels(w, who)) {
    if (!std::binary_search(before.begin(), before.end(), id)) announce_thread_list(w, who, id);
  }
}

}  // namespace dbcord::guild
