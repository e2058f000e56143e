// Reading messages (facts 4.5).


#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

using page = std::vector<base::message_id>;  // newest first

// Half on each side, the middle included if it exists.
page around(const message_table& all, base::message_id middle, std::size_t limit) {
  auto older = all.below(middle, limit / 2);
  auto found = all.from(middle, limit - older.size());
  found.insert(found.end(), older.begin(), older.end());
  return found;
}

outcome<page> read_page(const call& c, const message_table& all) {
  auto limit = query_number(c.query, "limit", {1, 100}, 50);
  if (!limit) return limit.error();
  auto middle = query_id<base::message_id>(c.query, "around");
  if (!middle) return middle.error();
  if (*middle) return around(all, **middle, *limit);
  auto before = query_id<base::message_id>(c.query, "before");
  if (!before) return before.error();
  if (*before) return all.below(**before, *limit);
  auto after = query_id<base::message_id>(c.query, "after");
  if (!after) return after.error();
  if (*after) return all.from({(*after)->value + 1}, *limit);
  return all.newest(*limit);
}

// What faults let the bot see of a channel: without those that are too new, or not visible yet.
message_table visible_part(const world& w, const message_table& all, const history_view& view) {
  auto entries = all.entries();
  std::erase_if(entries, [&](const message_entry& e) { return !w.faults.is_visible(e.id, view, w.now); });
  return message_table(std::move(entries));
}

outcome<page> read_page_with_faults(world& w, const call& c, const message_table& all) {
  if (!c.by_bot() || !w.faults.meets_history()) return read_page(c, all);
  auto view = w.faults.draw_history(w.now);
  if (view.empty) return page();
  return read_page(c, visible_part(w, all, view));
}

}  // namespace

outcome<reply> list_messages(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& where = **found;
  if (!channel_types::holds_messages(where.type)) return errors::wrong_channel_type();
  auto shown = read_page_with_faults(w, c, where.messages);
  if (!shown) return shown.error();
  bool may = permissions_in_channel(w.state, where, c.caller->id) & permission::read_message_history;
  if (!may) return reply::json("[]");  // looks like an empty channel (facts 4.5)
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto id : *shown) {
    auto* m = w.state.find_message(where.id, id);
    bool content = sees_content(w, *m, c.caller->id, w.options.message_content_intent);
    write_message(j, w.state, w.urls, where.id, *m, {content, false, {}, c.caller->id}, w.now);
  }
  j.end_array();
  return reply::json(std::move(text));
}

outcome<reply> get_message(world& w, const call& c) {
  auto found = need_channel(w, c, permission::read_message_history);
  if (!found) return found.error();
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* m = w.state.find_message((*found)->id, *id);
  if (!m) return errors::unknown_message();
  return message_reply(w, (*found)->id, *m, c.caller->id);
}

}  // namespace dbcord::guild
