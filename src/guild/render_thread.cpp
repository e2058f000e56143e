#include <algorithm>

#include "dbcord/base/time_text.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/threads.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

void write_metadata(json_writer& w, const channel& c) {
  auto& t = *c.thread;
  w.key("thread_metadata");
  w.begin_object();
  w.field("archived", t.archived);
  w.field("archive_timestamp", base::to_iso8601(from_unix_ms(t.archive_ms)));
  w.field("auto_archive_duration", t.auto_archive_minutes);
  w.field("locked", t.locked);
  if (c.type == channel_types::private_thread) w.field("invitable", t.invitable);
  w.field("create_timestamp", base::to_iso8601(from_unix_ms(t.created_ms)));
  w.end_object();
}

std::size_t count_messages(const channel& c) {
  auto first = c.messages.from({0}, 1);
  bool starter = !first.empty() && c.messages.find(first[0])->marks & message_entry::thread_starter;
  return c.messages.size() - (starter ? 1 : 0);
}

}  // namespace

void write_thread_member_fields(json_writer& w, const channel& thread, const thread_member& m) {
  w.field("id", thread.id);
  w.field("user_id", m.user);
  w.field("join_timestamp", base::to_iso8601(from_unix_ms(m.joined_ms)));
  w.field("flags", 0);
}

void write_thread_fields(json_writer& w, const guild_state& state, const channel& c, thread_view view) {
  w.field("id", c.id);
  w.field("type", c.type);
  w.field("guild_id", state.first().guild);
  w.field("parent_id", c.parent);
  w.field("owner_id", c.thread->owner);
  w.field("name", c.name);
  w.id_or_null("last_message_id", c.last_message);
  w.key("last_pin_timestamp");
  write_last_pin(w, c);
  w.field("rate_limit_per_user", c.rate_limit_per_user);
  w.field("flags", 0);
  w.field("message_count", count_messages(c));
  w.field("total_message_sent", c.messages_sent);
  w.field("member_count", std::min(c.thread->members.size(), shown_members_max));
  write_metadata(w, c);
  auto* own = view.viewer ? find_thread_member(c, view.viewer) : nullptr;
  if (!own) return;
  w.key("member");
  w.begin_object();
  if (view.member_ids) {
    write_thread_member_fields(w, c, *own);
  } else {
    w.field("join_timestamp", base::to_iso8601(from_unix_ms(own->joined_ms)));
    w.field("flags", 0);
  }
  w.end_object();
}

void write_thread_list(json_writer& w, const guild_state& state, std::span<const channel* const> threads,
                       base::user_id viewer) {
  w.key("threads");
  w.begin_array();
  for (auto* t : threads) {
    w.begin_object();
    write_thread_fields(w, state, *t, {});
    w.end_object();
  }
  w.end_array();
  w.key("members");
  w.begin_array();
  for (auto* t : threads) {
    auto* own = find_thread_member(*t, viewer);
    if (!own) continue;
    w.begin_object();
    write_thread_member_fields(w, *t, *own);
    w.end_object();
  }
  w.end_array();
}

}  // namespace dbcord::guild
