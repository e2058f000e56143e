#include "database/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "database/history_page.hpp"
#include "database/logged_transactions.hpp"
#include "database/page_reader.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {
namespace {

base::error nowhere(const value_place& place, std::string_view why) {
  return {errc::damaged, fmt::format("version {} of row \"{}\" cannot be read: {}", place.version, place.key, why)};
}

bool is_gone(const base::error& e) { return e.code == store_errc::not_found || e.code == errc::damaged; }

}  // namespace

value_place place_of(std::string_view key, const stored_row& row, const table_channels& channels) {
  return {std::string(key), row.version, row.lsn, row.log_message, row.row_message, channels.of(row.row_message), row.part};
}

actor::task<std::vector<value_reader::value>> value_reader::read(protocol::table_id table, const std::vector<value_place>& places,
                                                                 call_options options, find_cost* cost) {
  reading r{table, options};
  std::vector<value> values(places.size(), value(base::error(errc::damaged)));
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].row_message) continue;
    auto part = places[i].part != 0 ? kept_part(places[i]) : nullptr;
    if (part) values[i] = in_part(places[i], *part);
    if (!values[i]) own.push_back(i);
  }
  if (!own.empty()) co_await read_own(r, places, std::move(own), values);
  std::vector<std::size_t> logged_ones;  // record by record, however many are kept
  for (std::size_t i = 0; i < places.size(); ++i) {
    bool wanted = !places[i].row_message || (!values[i] && is_gone(values[i].error()));
    if (wanted) logged_ones.push_back(i);
  }
  std::stable_sort(logged_ones.begin(), logged_ones.end(), [&](std::size_t a, std::size_t b) { return places[a].lsn < places[b].lsn; });
  co_await read_logged(r, places, std::move(logged_ones), values);
  if (cost) *cost += r.cost;
  co_return values;
}

// `which`: in the order of records, of which one listing answers all that lie within its page.
actor::task<void> value_reader::read_logged(reading& r, const std::vector<value_place>& places, std::vector<std::size_t> which,
                                            std::vector<value>& values) {
  std::vector<stored_message> listed;
  std::map<base::channel_id, base::error> refused;  // for want of a permission: nothing more is asked for there
  auto listed_one = [&](base::message_id id) -> const stored_message* {
    auto found = std::lower_bound(listed.begin(), listed.end(), id, [](const stored_message& m, base::message_id of) { return m.id < of; });
    return found != listed.end() && found->id == id ? &*found : nullptr;
  };
  for (std::size_t n = 0; n < which.size(); ++n) {
    const auto& place = places[which[n]];
    auto channel = log_.channel_of(place.lsn);
    if (auto why = refused.find(channel); why != refused.end() && !is_kept(place.log_message)) {
      values[which[n]] = why->second;
      continue;
    }
    auto other = std::find_if(which.begin() + static_cast<std::ptrdiff_t>(n), which.end(), [&](std::size_t i) { return places[i].lsn != place.lsn; });
    bool has_neighbour = other != which.end() && log_.channel_of(places[*other].lsn) == channel && place.lsn >= log_.first_lsn();
    if (has_neighbour && !listed_one(place.log_message) && !is_kept(place.log_message)) {
      ++r.cost.log_listings;
      auto page = co_await store_.history_after(channel, base::message_id{place.log_message.value - 1}, history_page_max, r.options);
      if (page) listed = std::move(page->value);
    }
    auto logged = co_await from_log(r, place, listed_one(place.log_message));
    if (!logged && logged.error().code == store_errc::forbidden) refused.emplace(channel, logged.error());
    values[which[n]] = std::move(logged);
  }
}

// In the order of messages, channel by channel: one listing answers all that lie within its page.
actor::task<void> value_reader::read_own(reading& r, const std::vector<value_place>& places, std::vector<std::size_t> which,
                                         std::vector<value>& values) {
  auto message_of = [&](std::size_t i) { return places[i].row_message; };
  std::sort(which.begin(), which.end(), [&](std::size_t a, std::size_t b) {
    const auto &x = places[a], &y = places[b];
    return std::tie(x.channel, x.row_message, x.part) < std::tie(y.channel, y.row_message, y.part);
  });
  co_await read_known_pages(r, places, which, values);
  for (std::size_t next = 0, end = 0; next < which.size();) {
    std::vector<stored_message> messages;
    auto first = message_of(which[next]);
    auto channel = places[which[next]].channel;
    while (end < which.size() && places[which[end]].channel == channel) ++end;
    // Of a page too that stands alone: its neighbours are pages mostly, whose addresses come along.
    if (first != message_of(which[end - 1]) || places[which[next]].part != 0) {
      ++r.cost.listings;
      auto page = co_await store_.history_after(channel, base::message_id{first.value - 1}, history_page_max, r.options);
      if (!page) {
        for (; next < end; ++next) values[which[next]] = page.error();
        continue;
      }
      messages = std::move(page->value);
      for (const auto& m : messages) note_if_page(m);
    }
    // A listing of nothing proves nothing: without READ_MESSAGE_HISTORY every channel looks empty.
    if (messages.empty()) {
      ++r.cost.fetches;
      auto one = co_await store_.fetch(channel, first, r.options);
      if (!one) {
        bool all_alike = one.error().code == store_errc::forbidden;  // one after another they would be refused for a minute
        for (; next < end && (all_alike || message_of(which[next]) == first); ++next) values[which[next]] = one.error();
        continue;
      }
      messages.push_back(std::move(one->value));
    }
    auto last = messages.back().id;
    auto message = messages.begin();
    do {
      auto i = which[next];
      message = std::lower_bound(message, messages.end(), message_of(i), [](const stored_message& m, base::message_id id) { return m.id < id; });
      if (message == messages.end() || message->id != message_of(i)) {
        values[i] = base::error(store_errc::not_found, "its message is gone");
        continue;
      }
      auto read = co_await from_message(r, places[i], *message);
      values[i] = std::move(read);
    } while (++next < end && message_of(which[next]) <= last);
  }
}

// An address may count for nothing any more, or the message be gone: then it is looked for.
actor::task<void> value_reader::read_known_pages(reading& r, const std::vector<value_place>& places, std::vector<std::size_t>& which, std::vector<value>& values) {
  std::vector<std::size_t> left;
  std::optional<stored_message> page;
  for (auto i : which) {
    const auto& place = places[i];
    if (!page || page->id != place.row_message) page = place.part != 0 ? known_page(place.row_message) : std::nullopt;
    if (!page) {
      left.push_back(i);
      continue;
    }
    auto read = co_await from_page(r, place, *page);
    bool may_lie_there = !read && (is_gone(read.error()) || read.error().code == store_errc::forbidden);
    if (may_lie_there) {
      std::lock_guard lock(mutex_);
      pages_.forget(place.row_message);
      page.reset();
      left.push_back(i);
    } else {
      values[i] = std::move(read);
    }
  }
  which = std::move(left);
}

std::optional<stored_message> value_reader::known_page(base::message_id page) {
  std::lock_guard lock(mutex_);
  const auto* known = pages_.find(page, env_.clock.wall_now());
  return known ? std::optional(*known) : std::nullopt;
}

void value_reader::note_if_page(const stored_message& message) {
  if (message.author == store_.self() && !message.attachments.empty() && protocol::decode_page(message.content)) note_page(message);
}

void value_reader::note_page(const stored_message& message) {
  std::lock_guard lock(mutex_);
  if (!pages_.find(message.id, env_.clock.wall_now())) pages_.add(message);
}

// The mean of the last few.
void value_reader::note_download(base::steady_time begun) {
  constexpr int few = 8;
  std::lock_guard lock(mutex_);
  pace_ += (env_.now() - begun - pace_) / few;
}

actor::task<value_reader::value> value_reader::from_message(reading& r, const value_place& place, const stored_message& message) {
  if (place.part != 0) co_return co_await from_page(r, place, message);
  auto header = message.author == store_.self() ? protocol::decode_row(message.content) : std::nullopt;
  bool is_it = header && header->table == r.table && header->key == place.key && header->lsn == place.lsn && header->version == place.version;
  if (!is_it) co_return nowhere(place, "its message holds something else");
  std::optional<std::string> attachment;
  if (header->attached && !message.attachments.empty()) {
    auto info = message.attachments.front();
    ++r.cost.downloads;
    auto begun = env_.now();
    auto bytes = co_await store_.download(std::move(info), r.options);
    note_download(begun);
    if (!bytes) co_return bytes.error();
    attachment = std::move(*bytes);
  }
  auto json = protocol::decode_row_json(*header, message.content, attachment);
  if (!json) co_return nowhere(place, json.error().message);
  co_return std::move(*json);
}

actor::task<value_reader::value> value_reader::from_page(reading& r, const value_place& place, const stored_message& message) {
  if (auto known = kept_part(place)) co_return in_part(place, *known);
  auto header = message.author == store_.self() ? protocol::decode_page(message.content) : std::nullopt;
  if (!header) co_return nowhere(place, "its message is no page");
  note_page(message);
  ++r.cost.downloads;
  auto begun = env_.now();
  auto bytes = co_await read_page_part(store_, message, *header, place.part, r.options);
  note_download(begun);
  if (!bytes) co_return bytes.error().code == errc::damaged ? nowhere(place, bytes.error().message) : bytes.error();
  auto part = std::make_shared<const std::string>(std::move(*bytes));
  keep_part(place, part);
  co_return in_part(place, *part);
}

value_reader::value value_reader::in_part(const value_place& place, std::string_view bytes) {
  auto slot = protocol::find_in_page_part(bytes, place.key);
  if (!slot || slot->lsn != place.lsn || slot->version != place.version) return nowhere(place, "the page holds something else");
  return std::string(slot->json);
}

value_reader::part_ptr value_reader::kept_part(const value_place& place) {
  std::lock_guard lock(mutex_);
  auto it = std::find_if(parts_.begin(), parts_.end(), [&](const auto& p) { return p.first == std::pair(place.row_message, place.part); });
  if (it == parts_.end()) return nullptr;
  parts_.splice(parts_.begin(), parts_, it);
  return it->second;
}

void value_reader::keep_part(const value_place& place, part_ptr bytes) {
  std::lock_guard lock(mutex_);
  parts_.emplace_front(std::pair(place.row_message, place.part), std::move(bytes));
  if (parts_.size() > parts_kept) parts_.pop_back();
}

actor::task<value_reader::value> value_reader::from_log(reading& r, const value_place& place, const stored_message* message) {
  auto body = co_await body_of(r, place, message);
  if (!body) co_return is_gone(body.error()) ? nowhere(place, body.error().message) : body.error();
  auto rows = (*body)->rows.find({r.table, place.key});
  if (rows == (*body)->rows.end() || !rows->second.contains(place.version)) co_return nowhere(place, "the log record does not hold it");
  co_return rows->second.at(place.version)->json;
}

bool value_reader::is_kept(base::message_id log_message) {
  std::lock_guard lock(mutex_);
  return kept(log_message) != nullptr;
}

value_reader::body_ptr value_reader::kept(base::message_id log_message) {
  auto it = std::find_if(kept_.begin(), kept_.end(), [&](const auto& k) { return k.first == log_message; });
  if (it == kept_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, it);
  return it->second;
}

void value_reader::kept_sources::add(const page_part& part) {
  parts.insert(parts.begin(), part);
  if (parts.size() > parts_kept) parts.pop_back();
}

void value_reader::kept_sources::add(base::message_id record) {
  records.insert(records.begin(), record);
  if (records.size() > records_kept) records.pop_back();
}

value_reader::kept_sources value_reader::at_hand() {
  std::lock_guard lock(mutex_);
  kept_sources all;
  for (const auto& [part, bytes] : parts_) all.parts.push_back(part);
  for (const auto& [record, body] : kept_) all.records.push_back(record);
  all.pages = pages_.ids(env_.clock.wall_now());
  all.pace = pace_;
  return all;
}

void value_reader::forget_records() {
  std::lock_guard lock(mutex_);
  kept_.clear();
  parts_.clear();
  pages_.clear();
}

// Who comes first loads it; the others wait, and look again: should it have failed, each tries for itself.
actor::task<base::result<value_reader::body_ptr>> value_reader::body_of(reading& r, const value_place& place, const stored_message* message) {
  auto log_message = place.log_message;
  for (bool waited = false;; waited = true) {
    std::optional<actor::promise<bool>> turn;
    {
      std::lock_guard lock(mutex_);
      if (auto known = kept(log_message)) co_return known;
      auto [it, first] = loading_.try_emplace(log_message);
      if (!first && !waited) turn = it->second.waiting.emplace_back();
    }
    if (!turn) break;
    co_await turn->get();
  }
  auto body = co_await load_body(r, place, message);
  std::lock_guard lock(mutex_);
  if (body) {
    kept_.emplace_front(log_message, *body);
    if (kept_.size() > records_kept) kept_.pop_back();
  }
  if (auto done = loading_.extract(log_message)) {
    for (auto& w : done.mapped().waiting) w.set(true);
  }
  co_return body;
}

actor::task<base::result<value_reader::body_ptr>> value_reader::load_body(reading& r, const value_place& place, const stored_message* message) {
  std::optional<stored_message> fetched;
  if (!message) {
    ++r.cost.fetches;
    auto one = co_await store_.fetch(log_.channel_of(place.lsn), place.log_message, r.options);
    if (!one) co_return one.error();
    message = &fetched.emplace(std::move(one->value));
  }
  r.cost.downloads += message->attachments.size();
  auto begun = env_.now();
  auto transactions = co_await transactions_in(store_, *message, r.options);
  if (message->attachments.size() == 1) note_download(begun);
  if (!transactions) co_return transactions.error();
  auto body = std::make_shared<log_body>();
  body->transactions = std::move(*transactions);
  for (const auto& t : body->transactions) {
    for (const auto& op : t.operations) {
      if (const auto* put = std::get_if<protocol::put_row>(&op)) body->rows[{put->table, put->key}][put->version] = put;
    }
  }
  co_return body_ptr(std::move(body));
}

}  // namespace dbcord::database
