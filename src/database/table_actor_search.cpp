// The part of table_actor that finds rows through Discord's guild search, and is exact all the same (design.md section 8): what search shows is looked
// at; what it was never seen to show is read as if there were no search; only what it has shown before and does not show now is left out.

#include <fmt/format.h>

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "database/table_actor.hpp"
#include "protocol/row_message.hpp"
#include "protocol/search_tokens.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t room_share = 8;  // of the memory, that one find fills anew: what it has still to look at shall not go for what it was first to read

}  // namespace

memory_use table_actor::held() const {
  auto use = state_.memory();
  use.held += sightings_.memory();
  return use;
}

void table_actor::forget_sighting(const protocol::operation& op) {
  const auto* moved = std::get_if<protocol::move_table>(&op);
  if (moved && moved->table == definition_.table) reset_sightings();  // from now on search looks into the new channel
  if (std::holds_alternative<protocol::drop_table>(op)) sightings_.reset();
  if (sightings_.empty()) return;
  auto forget = [this](protocol::table_id table, const std::string& key) {
    auto row = table == definition_.table ? state_.find(key) : std::nullopt;
    if (row && row->row_message) sightings_.forget(row->row_message);
  };
  if (const auto* put = std::get_if<protocol::put_row>(&op)) forget(put->table, put->key);
  if (const auto* gone = std::get_if<protocol::delete_row>(&op)) forget(gone->table, gone->key);
}

dbcord::actor::task<base::result<find_answer>> table_actor::find_by_search(std::shared_ptr<const find_query> query, begun_find begun,
                                                                          base::steady_time deadline) {
  auto plan = std::make_shared<const find_plan>(begun.plan);
  auto found = co_await search(query, plan, deadline);
  if (!found.useless.empty()) {
    begun.plan.by_search = false;
    if (auto refused = begun.plan.over_budget(query->request_budget() - std::min<std::size_t>(query->request_budget(), found.requests))) {
      co_return base::error(refused->code, fmt::format("{}; {}", found.useless, refused->message));
    }
  }
  find_collector collector(*query, begun.plan.in_order);
  std::size_t read = 0;
  find_cost taken;
  taken.searches = found.requests;
  auto room = services_.memory.cap() / room_share;
  for (;;) {
    if (is_cancelled(query->progress())) co_return find_query::cancelled();
    auto slice = next_slice(*begun.scan);
    if (!slice) co_return slice.error();
    if (slice->empty()) break;
    add_done(query->progress(), begun.plan.leave_out_ruled_out(*query, *slice));
    auto rows = left_by_search(*query, std::move(*slice), found, *begun.seen);
    std::set<std::string> to_keep;
    for (const auto& row : rows) {
      if (row.resident) continue;
      ++read;
      if (row.json_size > room) continue;
      room -= row.json_size;
      to_keep.insert(row.key);
    }
    auto valued = co_await with_values(std::move(rows), deadline, &taken);
    if (!valued) co_return valued.error();
    keep_in_memory(*valued, to_keep);
    for (auto& row : *valued) collector.consider(std::move(row));
  }
  std::uint64_t read_again = 0;
  auto page = co_await page_of(collector, deadline, taken, read_again);
  if (!page) co_return page.error();
  auto answered = [&](std::string text_of_plan) { return answer_of(*query, collector.matched(), std::move(*page), std::move(text_of_plan)); };
  if (!found.useless.empty()) co_return answered(fmt::format("{}; {}", found.useless, begun.plan.text_of_reading(read + read_again, taken)));
  auto text = fmt::format("guild search for {}, {} request{}, {} hit{}", plan->key->field, found.requests, found.requests == 1 ? "" : "s", found.hits.size(),
                          found.hits.size() == 1 ? "" : "s");
  auto late = read - std::min<std::uint64_t>(read, plan->unread_in_pages);
  if (late > 0) text += fmt::format("; {} row{} not yet seen in search {} read as well", late, late == 1 ? "" : "s", late == 1 ? "was" : "were");
  if (plan->in_pages > 0) {
    text += fmt::format("; {} row{} in pages, which cannot be searched, {} {}", plan->in_pages, plan->in_pages == 1 ? "" : "s",
                        plan->in_pages == 1 ? "was" : "were", plan->unread_in_pages == 0 ? "looked at in memory" : "read or looked at in memory");
  }
  if (taken.charged() > found.requests) text += fmt::format("; {} in all", taken.text());
  co_return answered(std::move(text));
}

// A failure is no error: everything can be read without search.
dbcord::actor::task<searched_rows> table_actor::search(std::shared_ptr<const find_query> query, std::shared_ptr<const find_plan> plan,
                                                                    base::steady_time deadline) {
  searched_rows found;
  search_pages pages(services_.store, plan->key->channel, plan->key->word);
  bool shown = true;  // by the last page
  while (!pages.ended()) {
    auto expected = pages.requests() + pages.left() / search_request::page_size + plan->searching.charged() - plan->searching.searches;
    bool dearer = query->via() == find_path::automatic && pages.requests() > 0 && expected > plan->reading.charged();
    if (dearer || pages.requests() >= query->request_budget()) {
      found.useless = fmt::format("guild search has {} hits, too many", pages.left());
      break;
    }
    call_options options{priority::read, deadline};
    auto page = co_await pages.next(options);
    if (!page) {
      found.useless = fmt::format("guild search failed: {}", page.error().message);
      break;
    }
    take_hits(*query, *page, found);
    shown = !page->hits.empty();
    if (page->ready && !page->still_indexing) continue;
    reset_sightings();
    found.useless = page->ready ? "guild search is still being made ready" : "guild search is not ready yet";
  }
  found.requests = pages.requests();
  if (found.useless.empty() && !shown && !sightings_.empty()) {
    auto looking = look_for_anything(*query, plan->key->channel, found, deadline);
    co_await std::move(looking);
  }
  account();
  co_return found;
}

// What dbcord may not read search leaves out without a word: that nothing is found counts only if anything of the channel is.
dbcord::actor::task<void> table_actor::look_for_anything(const find_query& query, base::channel_id channel, searched_rows& found,
                                                           base::steady_time deadline) {
  call_options options{priority::read, deadline};
  search_request anything{channel, protocol::table_token(channel), {}, 0};
  ++found.requests;
  auto page = co_await services_.store.search(std::move(anything), options);
  if (page && page->ready) take_hits(query, *page, found);
  if (!page || page->hits.empty()) found.useless = "guild search shows nothing of the table's channel";
}

void table_actor::reset_sightings() {
  if (!sightings_.empty()) search_was_reset_ = true;
  sightings_.reset();
}

// Rows whose messages are gone would not be found, and nobody would know.
void table_actor::events_missed() {
  dbcord::actor::asio::post(executor(), [self = shared_from_this()] { self->reset_sightings(); });
}

void table_actor::take_hits(const find_query& query, const search_page& page, searched_rows& found) {
  for (const auto& message : page.hits) {
    auto header = message.author == services_.store.self() ? protocol::decode_row(message.content) : std::nullopt;
    if (!header || header->table != definition_.table) continue;
    auto row = state_.find(header->key);
    bool lives = row && row->lsn == header->lsn && row->row_message == message.id && row->part == 0;
    bool stays = lives && !state_.channels().retires(message.id);  // what lies in a retiring channel is looked at itself
    if (stays && header->searchable) sightings_.add(message.id);
    search_hit hit;
    hit.lsn = header->lsn;
    if (!header->attached) {
      auto value = protocol::decode_row_json(*header, message.content, std::nullopt);
      if (!value) continue;
      hit.matches = query.matches(*value);
      if (hit.matches) hit.value = std::move(*value);
    }
    found.hits[message.id] = std::move(hit);
  }
}

// Of a slice of the scan, the rows that can match, with the values that search has shown. A row that has moved since is not judged by what search shows:
// its message may have been removed.
std::vector<protocol::image_row> table_actor::left_by_search(const find_query& query, std::vector<protocol::image_row> rows, const searched_rows& found,
                                                             const search_sightings::view& seen) const {
  bool trusting = base::has_bug(base::deliberate_bug::trust_search_alone);
  auto is_out = [&](protocol::image_row& row) {
    if (row.resident && query.via() != find_path::search) return false;
    auto hit = row.part == 0 && row.row_message ? found.hits.find(row.row_message) : found.hits.end();
    if (hit != found.hits.end() && hit->second.lsn == row.lsn) {
      if (hit->second.value) {
        row.json = *hit->second.value;
        row.resident = true;
      }
      return !hit->second.matches;
    }
    if (!found.useless.empty()) return false;
    if (!is_searchable(seen, row.row_message, row.part) && !trusting) return false;
    auto now = state_.find(row.key);
    return now && now->lsn == row.lsn && now->row_message == row.row_message;
  };
  std::erase_if(rows, is_out);
  return rows;
}

// What search does not show every such find has to read.
void table_actor::keep_in_memory(const std::vector<protocol::image_row>& rows, const std::set<std::string>& keys) {
  for (const auto& row : rows) {
    if (keys.contains(row.key)) state_.admit(row.key, row.lsn, row.json);
  }
  account();
}

}  // namespace dbcord::database
