// Reactions (facts 4.5): with Unicode emoji, since the guild has none of its own.

#include <algorithm>

#include "guild/emoji.hpp"
#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/query_number.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t emoji_max = 20;

struct reaction_place {
  const channel* where;
  const stored_message* message;
};

outcome<reaction_place> need_message(const world& w, const call& c, std::uint64_t wanted) {
  auto where = need_channel(w, c, wanted);
  if (!where) return where.error();
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* m = w.state.find_message((*where)->id, *id);
  if (!m) return errors::unknown_message();
  return reaction_place{*where, m};
}

// For changes: archived threads are read-only.
outcome<reaction_place> need_open_message(const world& w, const call& c, std::uint64_t wanted) {
  auto place = need_message(w, c, wanted);
  if (!place) return place;
  if (place->where->thread && place->where->thread->archived) return errors::thread_archived();
  return place;
}

outcome<std::string> need_emoji(const call& c) {
  auto& text = c.parameters[2];
  if (!is_unicode_emoji(text)) return errors::unknown_emoji();
  return text;
}

const reaction* find_reaction(const stored_message& m, std::string_view emoji) {
  if (!m.extras) return nullptr;
  auto& all = m.extras->reactions;
  auto found = std::find_if(all.begin(), all.end(), [&](const reaction& r) { return r.emoji == emoji; });
  return found == all.end() ? nullptr : &*found;
}

bool has_user(const reaction* r, base::user_id who) {
  return r && std::find(r->users.begin(), r->users.end(), who) != r->users.end();
}

void write_place(json_writer& j, const world& w, const reaction_place& place) {
  j.field("channel_id", place.where->id);
  j.field("message_id", place.message->id);
  j.field("guild_id", w.state.first().guild);
}

void write_emoji(json_writer& j, std::string_view emoji) {
  j.key("emoji");
  j.begin_object();
  j.field("id", nullptr);
  j.field("name", emoji);
  j.end_object();
}

void announce_one(world& w, std::string_view event, const reaction_place& place, base::user_id who,
                  std::string_view emoji, bool added) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("user_id", who);
  write_place(j, w, place);
  auto* member = added ? w.state.find_member(who) : nullptr;
  if (member) {
    j.key("member");
    write_member(j, w.state, *member, true);
  }
  if (added) j.field("message_author_id", place.message->author);
  write_emoji(j, emoji);
  j.field("burst", false);
  j.field("type", 0);
  j.end_object();
  announce_in_channel(w, *place.where, intents::guild_message_reactions, event, std::move(text));
}

void announce_many(world& w, std::string_view event, const reaction_place& place, std::string_view emoji) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  write_place(j, w, place);
  if (!emoji.empty()) write_emoji(j, emoji);
  j.end_object();
  announce_in_channel(w, *place.where, intents::guild_message_reactions, event, std::move(text));
}

outcome<reply> remove_one(world& w, const reaction_place& place, base::user_id who,
                          const std::string& emoji) {
  if (!has_user(find_reaction(*place.message, emoji), who)) return errors::unknown_emoji();
  auto m = place.message->clone();
  auto& all = m.extras->reactions;
  auto changed = std::find_if(all.begin(), all.end(), [&](const reaction& r) { return r.emoji == emoji; });
  std::erase(changed->users, who);
  if (changed->users.empty()) all.erase(changed);
  auto& stored = w.store_message(place.where->id, std::move(m));
  announce_one(w, "MESSAGE_REACTION_REMOVE", {place.where, &stored}, who, emoji, false);
  return reply::empty();
}

}  // namespace

outcome<reply> add_reaction(world& w, const call& c) {
  auto place = need_open_message(w, c, permission::read_message_history);
  if (!place) return place.error();
  auto emoji = need_emoji(c);
  if (!emoji) return emoji.error();
  auto* known = find_reaction(*place->message, *emoji);
  if (has_user(known, c.caller->id)) return reply::empty();
  auto bits = permissions_in_channel(w.state, *place->where, c.caller->id);
  if (!known && !(bits & permission::add_reactions)) return errors::missing_permissions();
  bool full = place->message->extras && place->message->extras->reactions.size() >= emoji_max;
  if (!known && full) return errors::too_many_reactions();
  auto m = place->message->clone();
  auto& all = m.need_extras().reactions;
  auto same = [&](const reaction& r) { return r.emoji == *emoji; };
  auto found = std::find_if(all.begin(), all.end(), same);
  if (found == all.end()) found = all.insert(all.end(), reaction{*emoji, {}});
  found->users.push_back(c.caller->id);
  place->message = &w.store_message(place->where->id, std::move(m));
  announce_one(w, "MESSAGE_REACTION_ADD", *place, c.caller->id, *emoji, true);
  return reply::empty();
}

outcome<reply> remove_own_reaction(world& w, const call& c) {
  auto place = need_open_message(w, c, 0);
  if (!place) return place.error();
  auto emoji = need_emoji(c);
  if (!emoji) return emoji.error();
  return remove_one(w, *place, c.caller->id, *emoji);
}

outcome<reply> remove_reaction_of(world& w, const call& c) {
  auto user = c.id<base::user_id>(3, "user_id");
  if (!user) return user.error();
  auto place = need_open_message(w, c, *user == c.caller->id ? 0 : permission::manage_messages);
  if (!place) return place.error();
  auto emoji = need_emoji(c);
  if (!emoji) return emoji.error();
  if (!w.state.find_user(*user)) return errors::unknown_user();
  return remove_one(w, *place, *user, *emoji);
}

outcome<reply> list_reactions(world& w, const call& c) {
  auto place = need_message(w, c, permission::read_message_history);
  if (!place) return place.error();
  auto emoji = need_emoji(c);
  if (!emoji) return emoji.error();
  auto limit = query_number(c.query, "limit", {1, 100}, 25);
  if (!limit) return limit.error();
  auto type = query_number(c.query, "type", {0, 1}, 0);
  if (!type) return type.error();
  auto after = query_id<base::user_id>(c.query, "after");
  if (!after) return after.error();
  auto* found = *type == 0 ? find_reaction(*place->message, *emoji) : nullptr;  // no super reactions here
  auto users = found ? found->users : std::vector<base::user_id>();
  std::sort(users.begin(), users.end());
  std::erase_if(users, [&](base::user_id id) { return *after && id <= **after; });
  if (users.size() > *limit) users.resize(*limit);
  std::string text;
  json_writer j(text);
  j.begin_array();
  for (auto id : users) write_user(j, *w.state.find_user(id));
  j.end_array();
  return reply::json(std::move(text));
}

outcome<reply> clear_reactions(world& w, const call& c) {
  auto place = need_open_message(w, c, permission::manage_messages);
  if (!place) return place.error();
  if (!place->message->extras || place->message->extras->reactions.empty()) return reply::empty();
  auto m = place->message->clone();
  m.extras->reactions.clear();
  place->message = &w.store_message(place->where->id, std::move(m));
  announce_many(w, "MESSAGE_REACTION_REMOVE_ALL", *place, {});
  return reply::empty();
}

outcome<reply> clear_reactions_of_emoji(world& w, const call& c) {
  auto place = need_open_message(w, c, permission::manage_messages);
  if (!place) return place.error();
  auto emoji = need_emoji(c);
  if (!emoji) return emoji.error();
  if (!find_reaction(*place->message, *emoji)) return errors::unknown_emoji();
  auto m = place->message->clone();
  std::erase_if(m.extras->reactions, [&](const reaction& r) { return r.emoji == *emoji; });
  place->message = &w.store_message(place->where->id, std::move(m));
  announce_many(w, "MESSAGE_REACTION_REMOVE_EMOJI", *place, *emoji);
  return reply::empty();
}

}  // namespace dbcord::guild
