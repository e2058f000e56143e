// Lists of threads: the guild's active ones, a channel's archived ones (facts 4.4).

#include <algorithm>

#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/text.hpp"
#include "guild/threads.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

using thread_list = std::vector<const channel*>;

reply list_reply(const world& w, const thread_list& shown, base::user_id viewer,
                 bool has_more) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  write_thread_list(j, w.state, shown, viewer);
  j.field("has_more", has_more);
  j.end_object();
  return reply::json(std::move(text));
}

// One more than the limit is collected, to know whether there is more.
reply page_reply(const world& w, thread_list found, std::size_t limit, base::user_id viewer) {
  bool more = found.size() > limit;
  if (more) found.resize(limit);
  return list_reply(w, found, viewer, more);
}

thread_list archived_threads(const world& w, base::channel_id parent, int type) {
  thread_list found;
  for (auto id : w.state.threads_of(parent)) {
    auto* t = w.state.find_channel(id);
    if (t->type == type && t->thread->archived) found.push_back(t);
  }
  return found;
}

bool archived_later(const channel* a, const channel* b) {
  return std::pair(a->thread->archive_ms, a->id) > std::pair(b->thread->archive_ms, b->id);
}

outcome<const channel*> need_parent(const world& w, const call& c, std::uint64_t wanted) {
  auto found = need_channel(w, c, wanted);
  if (found && (*found)->type != channel_types::text) return errors::wrong_channel_type();
  return found;
}

outcome<reply> list_archived(const world& w, const call& c, int type, std::uint64_t wanted) {
  auto parent = need_parent(w, c, wanted);
  if (!parent) return parent.error();
  auto limit = query_number(c.query, "limit", {2, 100}, 50);
  if (!limit) return limit.error();
  auto found = archived_threads(w, (*parent)->id, type);
  if (auto text = c.query.find("before")) {
    auto before = parse_iso8601(*text);
    if (!before) return form_error("before", "DATE_TIME_TYPE_PARSE", "Could not parse the time.");
    std::erase_if(found, [&](auto* t) { return from_unix_ms(t->thread->archive_ms) >= *before; });
  }
  std::sort(found.begin(), found.end(), archived_later);
  return page_reply(w, std::move(found), *limit, c.caller->id);
}

}  // namespace

outcome<reply> list_active_threads(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  thread_list shown;
  for (auto& [id, t] : w.state.channels()) {
    bool active = t.thread && !t.thread->archived;
    if (active && permissions_in_channel(w.state, t, c.caller->id) & permission::view_channel)
      shown.push_back(&t);
  }
  std::reverse(shown.begin(), shown.end());
  return list_reply(w, shown, c.caller->id, false);
}

outcome<reply> list_public_archived_threads(world& w, const call& c) {
  return list_archived(w, c, channel_types::public_thread, permission::read_message_history);
}

outcome<reply> list_private_archived_threads(world& w, const call& c) {
  return list_archived(w, c, channel_types::private_thread,
                       permission::read_message_history | permission::manage_threads);
}

outcome<reply> list_joined_archived_threads(world& w, const call& c) {
  auto parent = need_parent(w, c, permission::read_message_history);
  if (!parent) return parent.error();
  auto limit = query_number(c.query, "limit", {2, 100}, 50);
  if (!limit) return limit.error();
  auto before = query_id<base::channel_id>(c.query, "before");
  if (!before) return before.error();
  auto found = archived_threads(w, (*parent)->id, channel_types::private_thread);
  std::erase_if(found, [&](auto* t) {
    return !find_thread_member(*t, c.caller->id) || (*before && t->id >= **before);
  });
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->id > b->id; });
  return page_reply(w, std::move(found), *limit, c.caller->id);
}

}  // namespace dbcord::guild
