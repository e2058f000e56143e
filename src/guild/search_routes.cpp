// GET /guilds/{id}/messages/search (facts 4.7, 8).

#include <algorithm>

#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/search_query.hpp"
#include "guild/search_tokens.hpp"

namespace dbcord::guild {
namespace {

constexpr std::uint64_t needed = permission::view_channel | permission::read_message_history;

bool is_nsfw(const world& w, const channel& c) {
  auto* parent = c.thread ? w.state.find_channel(c.parent) : nullptr;
  return parent ? parent->nsfw : c.nsfw;
}

bool may_search(const world& w, const call& c, const search_query& q, const channel& where) {
  if (!channel_types::holds_messages(where.type) || (is_nsfw(w, where) && !q.include_nsfw)) return false;
  return (permissions_in_channel(w.state, where, c.caller->id) & needed) == needed;
}

// What the caller cannot read is left out without a word, as lists of messages are empty then (facts 4.5).
std::vector<base::channel_id> searched_channels(const world& w, const call& c, const search_query& q) {
  std::vector<base::channel_id> found;
  for (auto id : q.channels) {
    auto* where = w.state.find_channel(id);
    if (where && may_search(w, c, q, *where)) found.push_back(id);
  }
  if (!q.channels.empty()) return found;
  for (auto& [id, where] : w.state.channels()) {
    if (may_search(w, c, q, where)) found.push_back(id);
  }
  return found;
}

// A search holds the core's strand, and a message that is looked at may lie on the disk: all of the first are, further ones until
// the page is full, and never more than this, or than the page's end.
constexpr std::size_t looked_at_always = 1000;
constexpr std::size_t looked_at_max = 4000;

std::size_t page_end(const search_query& q) { return q.offset + q.limit; }
std::size_t look_limit(const search_query& q) { return std::max(looked_at_max, page_end(q)); }

// Looks at the messages themselves. What was not looked at is not shown, but counts as found, so that the total is an estimate
// then, as Discord's is.
void keep_matching(const world& w, const search_query& q, search_page& found) {
  std::vector<search_hit> kept;
  std::size_t looked = 0;
  for (; looked < std::min(found.hits.size(), look_limit(q)); ++looked) {
    if (looked >= looked_at_always && kept.size() >= page_end(q)) break;
    auto& hit = found.hits[looked];
    auto* m = w.state.find_message(hit.where, hit.id);
    if (m && matches_query(q, w.state, hit.where, *m)) kept.push_back(hit);
  }
  found.total -= looked - kept.size();
  found.hits = std::move(kept);
}

// The share of a message's words at which the phrase begins; among equals the newest first.
void sort_by_relevance(const world& w, const search_query& q, std::vector<search_hit>& hits) {
  std::vector<std::pair<double, search_hit>> scored;
  for (std::size_t i = 0; i < std::min(hits.size(), look_limit(q)); ++i) {
    auto& content = w.state.find_message(hits[i].where, hits[i].id)->content;
    auto length = split_words(content).size();
    auto count = count_phrase(content, q.filter.words, q.slop);
    scored.emplace_back(static_cast<double>(count) / static_cast<double>(length + 1), hits[i]);
  }
  std::stable_sort(scored.begin(), scored.end(), [](auto& a, auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < scored.size(); ++i) hits[i] = scored[i].second;
}

reply not_yet(const world& w) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("message", "Index not yet available. Try again later");
  j.field("code", 110000);
  j.field("documents_indexed", w.search.index().size());
  j.field("retry_after", w.search.usable_after().count());
  j.end_object();
  return reply::json(std::move(text), 202);
}

void write_hit(json_writer& j, const world& w, const call& c, const search_hit& hit) {
  auto* m = w.state.find_message(hit.where, hit.id);
  message_view view;
  view.with_content = sees_content(w, *m, c.caller->id, w.options.message_content_intent);
  view.search_hit = true;
  j.begin_array();
  write_message(j, w.state, w.urls, hit.where, *m, view, w.now);
  j.end_array();
}

reply found_reply(const world& w, const call& c, const search_query& q, const search_page& found) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("doing_deep_historical_index", w.search.at() == guild_search::stage::building);
  j.field("total_results", found.total);
  j.key("messages");
  j.begin_array();
  std::vector<const channel*> threads;
  auto& hits = found.hits;
  auto end = std::min(hits.size(), page_end(q));
  for (auto i = q.offset; i < end; ++i) {
    auto& hit = hits[i];
    write_hit(j, w, c, hit);
    auto* where = w.state.find_channel(hit.where);
    bool listed = std::find(threads.begin(), threads.end(), where) != threads.end();
    if (where->thread && !listed) threads.push_back(where);
  }
  j.end_array();
  if (!threads.empty()) write_thread_list(j, w.state, threads, c.caller->id);
  j.end_object();
  return reply::json(std::move(text));
}

}  // namespace

outcome<reply> search_messages(world& w, const call& c) {
  if (auto ok = need_guild(w, c); !ok) return ok.error();
  if (c.by_bot() && !w.options.message_content_intent) return errors::missing_access();
  auto q = read_search_query(c);
  if (!q) return q.error();
  if (c.by_bot() && w.faults.loses_search()) w.search.forget();
  w.search.begin(w.state, w.now);
  if (!w.search.usable()) return not_yet(w);
  q->filter.channels = searched_channels(w, c, *q);
  auto found = w.search.index().find(q->filter, q->ascending);
  if (q->needs_messages()) keep_matching(w, *q, found);
  if (q->by_relevance) sort_by_relevance(w, *q, found.hits);
  return found_reply(w, c, *q, found);
}

}  // namespace dbcord::guild
