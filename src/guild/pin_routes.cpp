// Pins (facts 4.6), by the routes of today and by the deprecated ones.

#include <algorithm>

#include "dbcord/base/time_text.hpp"
#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/system_message.hpp"
#include "guild/text.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t pins_max = 250, page_max = 50;

struct pin_place {
  const channel* where;
  const stored_message* message;
};

outcome<const channel*> need_place(const world& w, const call& c, std::uint64_t wanted) {
  auto found = need_channel(w, c, wanted);
  if (found && !channel_types::holds_messages((*found)->type)) return errors::wrong_channel_type();
  return found;
}

outcome<pin_place> need_pinnable(const world& w, const call& c) {
  auto where = need_place(w, c, permission::pin_messages);
  if (!where) return where.error();
  if ((*where)->thread && (*where)->thread->archived) return errors::thread_archived();
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* m = w.state.find_message((*where)->id, *id);
  if (!m) return errors::unknown_message();
  if (!is_users_message(*m)) return errors::system_message();
  return pin_place{*where, m};
}

bool is_pinned(const stored_message& m) {
  return m.extras && m.extras->pinned_ms;
}

void set_pinned(world& w, const pin_place& place, std::uint64_t pinned_ms) {
  auto m = place.message->clone();
  m.need_extras().pinned_ms = pinned_ms;
  auto& changed = w.store_message(place.where->id, std::move(m));
  announce_message(w, "MESSAGE_UPDATE", *place.where, changed);
  announce_pins(w, *place.where);
}

// "… pinned a message to this channel."
void post_pinned(world& w, base::channel_id where, base::user_id author, base::message_id id) {
  stored_message m;
  m.author = author;
  m.type = message_types::channel_pinned_message;
  m.need_extras().reference = id;
  post_system_message(w, where, std::move(m));
}

// The last pinned first.
std::vector<const stored_message*> pinned_messages(const world& w, const channel& where) {
  std::vector<std::pair<std::uint64_t, base::message_id>> order;
  for (auto& [id, pinned_ms] : where.pins) order.emplace_back(pinned_ms, id);
  std::sort(order.rbegin(), order.rend());
  std::vector<const stored_message*> found;
  for (auto& [pinned_ms, id] : order) found.push_back(w.state.find_message(where.id, id));
  return found;
}

bool reads_history(const world& w, const channel& where, base::user_id who) {
  return permissions_in_channel(w.state, where, who) & permission::read_message_history;
}

void write_shown(json_writer& j, const world& w, const call& c, const channel& where,
                 const stored_message& m) {
  bool content = sees_content(w, m, c.caller->id, w.options.message_content_intent);
  message_view view;
  view.with_content = content;
  view.viewer = c.caller->id;
  write_message(j, w.state, w.urls, where.id, m, view, w.now);
}

}  // namespace

outcome<reply> pin_message(world& w, const call& c) {
  auto place = need_pinnable(w, c);
  if (!place) return place.error();
  if (is_pinned(*place->message)) return reply::empty();
  if (place->where->pins.size() >= pins_max) return errors::too_many_pins();
  auto id = place->message->id;
  set_pinned(w, *place, to_unix_ms(w.now));
  post_pinned(w, place->where->id, c.caller->id, id);
  return reply::empty();
}

outcome<reply> unpin_message(world& w, const call& c) {
  auto place = need_pinnable(w, c);
  if (!place) return place.error();
  if (is_pinned(*place->message)) set_pinned(w, *place, 0);
  return reply::empty();
}

outcome<reply> list_pins(world& w, const call& c) {
  auto where = need_place(w, c, 0);
  if (!where) return where.error();
  auto limit = query_number(c.query, "limit", {1, page_max}, page_max);
  if (!limit) return limit.error();
  auto found = pinned_messages(w, **where);
  if (auto text = c.query.find("before")) {
    auto before = parse_iso8601(*text);
    if (!before) return form_error("before", "DATE_TIME_TYPE_PARSE", "Could not parse the time.");
    std::erase_if(found, [&](auto* m) { return from_unix_ms(m->extras->pinned_ms) >= *before; });
  }
  if (!reads_history(w, **where, c.caller->id)) found.clear();
  bool more = found.size() > *limit;
  if (more) found.resize(*limit);
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.key("items");
  j.begin_array();
  for (auto* m : found) {
    j.begin_object();
    j.field("pinned_at", base::to_iso8601(from_unix_ms(m->extras->pinned_ms)));
    j.key("message");
    write_shown(j, w, c, **where, *m);
    j.end_object();
  }
  j.end_array();
  j.field("has_more", more);
  j.end_object();
  return reply::json(std::move(text));
}

outcome<reply> list_first_pins(world& w, const call& c) {
  auto where = need_place(w, c, 0);
  if (!where) return where.error();
  auto found = pinned_messages(w, **where);
  if (found.size() > page_max) found.resize(page_max);
  if (!reads_history(w, **where, c.caller->id)) found.clear();
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto* m : found) write_shown(j, w, c, **where, *m);
  j.end_array();
  return reply::json(std::move(text));
}

}  // namespace dbcord::guild
