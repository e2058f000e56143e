// Threads: starting, changing, deleting (facts 4.3, 4.4).

#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/system_message.hpp"
#include "guild/thread_form.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

reply thread_reply(const world& w, const channel& thread, base::user_id viewer, int status = 200) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  write_thread_fields(j, w.state, thread, {viewer});
  j.end_object();
  return reply::json(std::move(text), status);
}

// Creating threads has a limit that no header shows and that all callers share (facts 2.7).
outcome<void> admit_thread(world& w, const call& c, base::channel_id parent) {
  if (!w.options.rate_limits || !c.by_bot()) return {};
  auto verdict = w.limits.admit(*find_rate_rule("thread create"), parent.value, w.now);
  if (verdict.admitted) return {};
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset - w.now);
  api_error refused{429, 0, "The resource is being rate limited.", {}, wait};
  refused.shared = true;
  return refused;
}

outcome<channel_settings> read_new_thread(world& w, const call& c, const channel& parent, int type,
                                          const boost::json::object& body) {
  bool hidden = type == channel_types::private_thread;
  auto needed = hidden ? permission::create_private_threads : permission::create_public_threads;
  if (!(permissions_in_channel(w.state, parent, c.caller->id) & needed)) return errors::missing_permissions();
  channel_settings settings;
  settings.type = type;
  settings.parent = parent.id;
  settings.thread.emplace();
  settings.thread->owner = c.caller->id;
  settings.thread->auto_archive_minutes = default_auto_archive_minutes;
  auto form = read_thread_form(body, std::move(settings), true);
  if (!form) return form;
  if (w.state.active_threads() >= active_threads_max) return errors::too_many_active_threads();
  if (auto ok = admit_thread(w, c, parent.id); !ok) return ok.error();
  return form;
}

// The creator may name, archive and unarchive the thread and set its duration; the rest is for moderators.
bool creator_may(const channel_settings& before, const channel_settings& wanted) {
  return before.rate_limit_per_user == wanted.rate_limit_per_user &&
         before.thread->locked == wanted.thread->locked &&
         before.thread->invitable == wanted.thread->invitable;
}

bool only_unarchives(const channel_settings& before, const channel_settings& wanted) {
  return creator_may(before, wanted) && !wanted.thread->archived && before.name == wanted.name &&
         before.thread->auto_archive_minutes == wanted.thread->auto_archive_minutes;
}

bool may_change(const world& w, const call& c, const channel& before, const channel_settings& wanted) {
  auto bits = permissions_in_channel(w.state, before, c.caller->id);
  if (bits & permission::manage_threads) return true;
  bool unarchives = before.thread->archived && !wanted.thread->archived;
  if (unarchives && before.thread->locked) return false;
  if (before.thread->owner == c.caller->id && creator_may(before, wanted)) return true;
  return unarchives && only_unarchives(before, wanted) && bits & permission::send_messages;
}

}  // namespace

outcome<reply> start_thread_from_message(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& parent = **found;
  if (parent.type != channel_types::text) return errors::wrong_channel_type();
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* message = w.state.find_message(parent.id, *id);
  if (!message) return errors::unknown_message();
  if (!is_users_message(*message)) return errors::invalid_message_type();
  if (w.state.find_channel({id->value})) return errors::thread_exists();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto form = read_new_thread(w, c, parent, channel_types::public_thread, *body);
  if (!form) return form.error();
  form->id = {id->value};
  // Discord does not say how old "older" is; here: not the newest of its channel.
  bool older = parent.last_message != *id;
  auto& made = start_thread(w, std::move(*form));
  mark_thread_message(w, parent.id, *id, true);
  post_thread_starter(w, made);
  if (older) post_thread_created(w, made);
  return thread_reply(w, made, c.caller->id, 201);
}

outcome<reply> start_thread_alone(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& parent = **found;
  if (parent.type != channel_types::text) return errors::wrong_channel_type();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto type = read_thread_type(*body);
  if (!type) return type.error();
  auto form = read_new_thread(w, c, parent, *type, *body);
  if (!form) return form.error();
  form->id = w.durable_id<base::channel_id>();
  auto& made = start_thread(w, std::move(*form));
  if (*type == channel_types::public_thread) post_thread_created(w, made);
  return thread_reply(w, made, c.caller->id, 201);
}

outcome<reply> edit_thread(world& w, const call& c, const channel& before) {
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto form = read_thread_form(*body, before, false);
  if (!form) return form.error();
  if (!may_change(w, c, before, *form)) return errors::missing_permissions();
  if (before.thread->archived && form->thread->archived) return errors::thread_archived();
  bool wakes = before.thread->archived;
  if (wakes && w.state.active_threads() >= active_threads_max) return errors::too_many_active_threads();
  if (form->name != before.name) {
    if (auto ok = admit_hidden(w, c, "channel rename", before.id); !ok) return ok.error();
  }
  return thread_reply(w, change_thread(w, std::move(*form)), c.caller->id);
}

outcome<reply> delete_thread(world& w, const call& c, const channel& doomed) {
  bool may = permissions_in_channel(w.state, doomed, c.caller->id) & permission::manage_threads;
  if (!may) return errors::missing_permissions();
  auto answer = thread_reply(w, doomed, c.caller->id);
  delete_thread(w, doomed);
  return answer;
}

}  // namespace dbcord::guild
