#include "database/channel_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/channel_pages.hpp"
#include "database/missed_deletions.hpp"
#include "protocol/row_thread.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration listing_may_lag = 1min;  // of what is younger a listing may not tell yet
constexpr std::size_t states_at_once = 256;       // each is a hash of a row's JSON on the table's strand

}  // namespace

actor::task<base::result<void>> channel_verification::run() {
  auto channels = table_->channels();
  auto all = channels.all();
  for (auto channel : all) {
    auto read = co_await read_channel(channel);
    if (!read) co_return read;
  }
  co_return co_await note_missing(channels);
}

actor::task<base::result<void>> channel_verification::read_channel(base::channel_id channel) {
  channel_pages pages(context_.store, channel);
  for (;;) {
    auto page = co_await pages.next(context_.options());
    if (!page && table_->has_left(channel, page.error())) co_return base::result<void>();
    if (!page && page.error().code == store_errc::not_found) {
      not_there_.insert(channel);
      auto found = finding_of("missing", {}, fmt::format("the table's channel {} is gone; `/dbc_vacuum full:true` writes the table into a fresh one", channel.value));
      found.beyond_repair = true;
      findings_.add_problem(std::move(found));
      co_return base::result<void>();
    }
    if (!page && !pages.shows_nothing()) co_return page.error();
    if (begun_ == base::system_time{}) begun_ = pages.date();
    if (!page) {
      auto emptied = co_await is_emptied(channel);
      if (!emptied) co_return emptied.error();
      if (!*emptied) co_return page.error();
      co_return base::result<void>();
    }
    if (is_cancelled(context_.progress)) co_return base::error(base::errc::stopping, "the verification was cancelled; it changes nothing");
    if (page->empty()) co_return base::result<void>();
    add_done(context_.progress, page->size());
    auto checked = co_await check(channel, *page);
    if (!checked) co_return checked;
  }
}

bool channel_verification::is_young(base::message_id message) const { return base::created_at(message) + listing_may_lag > begun_; }

actor::task<base::result<bool>> channel_verification::is_emptied(base::channel_id channel) {
  auto channels = table_->channels();
  auto unseen = expected_.unseen();  // the oldest first
  for (const auto& place : unseen) {
    if (channels.of(place.row_message) != channel) continue;
    if (is_young(place.row_message)) co_return true;  // each will be asked for
    auto fetched = co_await context_.store.fetch(channel, place.row_message, context_.options());
    if (!fetched && fetched.error().code != store_errc::not_found) co_return fetched.error();
    co_return !fetched;
  }
  co_return true;
}

// What the table makes of them is asked behind the listing: what was written meanwhile it knows by then.
actor::task<base::result<void>> channel_verification::check(base::channel_id channel, const std::vector<stored_message>& messages) {
  auto header_of = [this](const stored_message& m) {
    auto header = m.author == context_.store.self() ? protocol::decode_row(m.content) : std::nullopt;
    return header && header->table == table_->definition().table ? std::move(header) : std::nullopt;
  };
  std::vector<row_copy> copies;
  for (const auto& m : messages) {
    if (auto header = header_of(m)) copies.push_back({header->key, header->version, header->lsn, m.id});
  }
  auto standings = co_await table_->standings_of(channel, std::move(copies), context_.deadline);
  if (!standings) co_return standings.error();
  auto standing = standings->begin();
  for (const auto& m : messages) {
    ++findings_.report().messages;
    expected_.note_seen(m.id);
    base::result<void> checked;
    auto page = m.author == context_.store.self() ? protocol::decode_page(m.content) : std::nullopt;
    if (auto header = header_of(m)) {
      checked = co_await check_row(*header, m, *standing++);
    } else if (page && page->table == table_->definition().table) {
      checked = co_await check_page(channel, *page, m);
    } else {
      checked = co_await check_other(channel, m);
    }
    if (!checked) co_return checked;
  }
  co_return base::result<void>();
}

// A damaged message whose row was written again is garbage like any other.
actor::task<base::result<void>> channel_verification::check_other(base::channel_id channel, const stored_message& message) {
  if (message.author != context_.store.self()) {
    findings_.add_foreign("this message is not by dbcord; it counts for nothing", message);
    co_return base::result<void>();
  }
  auto lost = expected_.in(message.id);
  for (const auto& place : lost) suspects_.add_damaged(place, "its message cannot be read as one of the table's");
  if (!lost.empty() || protocol::tag_of_thread_name(message.content)) co_return base::result<void>();  // Discord tells there that a row has a thread
  std::vector<page_place> none;
  auto standing = co_await table_->standing_of_page(channel, message.id, std::move(none), context_.deadline);
  if (!standing) co_return standing.error();
  using role = message_standing::role;
  if (standing->as == role::garbage) findings_.add_garbage(standing->kind, true, {}, message);
  if (standing->as == role::left_behind) ++findings_.report().left_behind;
  if (standing->as == role::unsettled && is_stray(message.id, begun_)) findings_.add_garbage(garbage_kind::orphan, false, {}, message);
  co_return base::result<void>();
}

actor::task<base::result<void>> channel_verification::check_row(const protocol::row_header& header, const stored_message& message,
                                                                const message_standing& standing) {
  using role = message_standing::role;
  for (const auto& place : expected_.in(message.id)) {
    bool same = place.key == header.key && place.version == header.version && place.lsn == header.lsn && place.part == 0;
    if (!same) {
      suspects_.add_damaged(place, "its message holds something else");
    } else if (!standing.json_hash.empty() && standing.json_hash != header.json_hash) {
      suspects_.add_damaged(place, "its message holds another row than the log does");
    }
  }
  switch (standing.as) {
    case role::unsettled: break;
    case role::left_behind: ++findings_.report().left_behind; break;
    case role::garbage: count_garbage(standing, header.lsn, header.key, message); break;
    case role::live:
    case role::older:
      if (header.attached) co_return co_await check_attachment(header, message);
  }
  co_return base::result<void>();
}

// What is newer than all that was published when the run began vacuum does not remove either, unless it knows it.
void channel_verification::count_garbage(const message_standing& standing, std::uint64_t lsn, std::string key, const stored_message& message) {
  if (standing.known || lsn <= context_.lsn) findings_.add_garbage(standing.kind, standing.known, std::move(key), message);
}

actor::task<base::result<void>> channel_verification::check_attachment(const protocol::row_header& header, const stored_message& message) {
  std::optional<std::string> bytes;
  if (!message.attachments.empty()) {
    auto info = message.attachments.front();
    auto read = co_await context_.store.download(std::move(info), context_.options());
    bool lost = !read && read.error().code == store_errc::not_found;
    if (!read && !lost) co_return read.error();
    if (read) bytes = std::move(*read);
  }
  ++findings_.report().attachments;
  auto json = protocol::decode_row_json(header, message.content, bytes);
  if (json) co_return base::result<void>();
  for (const auto& place : expected_.in(message.id)) suspects_.add_damaged(place, json.error().message);
  co_return base::result<void>();
}

// What lies there is read whole; what is garbage for certain is not.
actor::task<base::result<void>> channel_verification::check_page(base::channel_id channel, const protocol::page_header& header, const stored_message& message) {
  using role = message_standing::role;
  std::vector<page_place> none;
  auto standing = co_await table_->standing_of_page(channel, message.id, std::move(none), context_.deadline);
  if (!standing) co_return standing.error();
  bool in_use = !expected_.in(message.id).empty();
  if (in_use || standing->as == role::unsettled) {
    auto read = co_await read_page(context_.store, message, header, context_.options());
    if (!read) co_return read.error();
    findings_.report().attachments += header.parts.size();
    if (in_use) co_return co_await check_rows_of_page(*read, message.id);
    standing = co_await table_->standing_of_page(channel, message.id, std::move(read->rows), context_.deadline);
    if (!standing) co_return standing.error();
  }
  if (standing->as == role::garbage) count_garbage(*standing, header.newest_lsn, {}, message);
  if (standing->as == role::left_behind) ++findings_.report().left_behind;
  co_return base::result<void>();
}

actor::task<base::result<void>> channel_verification::check_rows_of_page(const page_rows& read, base::message_id page) {
  std::map<std::string_view, std::size_t> written;
  for (std::size_t i = 0; i < read.rows.size(); ++i) written.emplace(read.rows[i].key, i);
  auto all = expected_.in(page);
  while (!all.empty()) {
    auto some = all.first(std::min(all.size(), states_at_once));
    all = all.subspan(some.size());
    std::vector<row_place> asked(some.begin(), some.end());
    auto states = co_await table_->states_of(std::move(asked), context_.deadline);
    if (!states) co_return states.error();
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto& place = some[i];
      auto lost = std::find_if(read.damaged.begin(), read.damaged.end(), [&](const auto& d) { return d.first == place.part; });
      auto found = written.find(place.key);
      const auto& hash = (*states)[i].json_hash;
      if (lost != read.damaged.end()) {
        suspects_.add_damaged(place, lost->second);
      } else if (found == written.end() || read.rows[found->second].lsn != place.lsn || read.rows[found->second].version != place.version) {
        suspects_.add_missing(place, "its page does not have it");
      } else if (!hash.empty() && hash != read.hashes[found->second]) {
        suspects_.add_damaged(place, "its page holds another row than the log does");
      }
    }
  }
  co_return base::result<void>();
}

// A listing may be behind: of young messages each that it lacks is asked for.
actor::task<base::result<void>> channel_verification::note_missing(const table_channels& channels) {
  std::map<base::channel_id, std::set<base::message_id>> young;
  auto unseen = expected_.unseen();
  std::erase_if(unseen, [&](const row_place& place) { return not_there_.contains(channels.of(place.row_message)); });
  for (const auto& place : unseen) {
    if (is_young(place.row_message)) young[channels.of(place.row_message)].insert(place.row_message);
  }
  std::set<base::message_id> there;
  for (const auto& [channel, messages] : young) {
    auto given_up = [this] { return is_cancelled(context_.progress); };
    auto missing = co_await find_missing(context_.store, channel, messages, context_.options(), given_up);
    if (!missing && table_->has_left(channel, missing.error())) continue;
    if (!missing) co_return missing.error();
    there.insert(messages.begin(), messages.end());
    for (auto gone : *missing) there.erase(gone);
  }
  for (const auto& place : unseen) {
    if (!there.contains(place.row_message)) suspects_.add_missing(place, "its message is gone");
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
