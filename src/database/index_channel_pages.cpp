// The part of index_channel that reads what lies in the channel.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "database/channel_pages.hpp"
#include "database/index_channel.hpp"

namespace dbcord::database {
namespace {

void add_finding(verify_findings& findings, std::string field, std::string what, const stored_message* message) {
  auto found = finding_of(index_channel_kind, std::move(field), std::move(what));
  if (message) found.link = findings.link_to(*message);
  findings.add_problem(std::move(found));
}

// A generation behind all that there can be, if none can be seen: older ones count on from there.
std::uint64_t newest_possible(base::system_time now) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

}  // namespace

std::optional<protocol::index_page_header> index_channel::our_page(const stored_message& message) const {
  if (message.author != context_.store.self()) return std::nullopt;
  auto header = protocol::decode_index_page(message.content);
  bool is_ours = header && header->table == table() && header->index == index_.index;
  return is_ours ? std::move(header) : std::nullopt;
}

// Of an older generation, or a second copy of a page, since Discord had forgotten the nonce when that was sent again: to be removed, like all that is older.
bool index_channel::is_left_over(const protocol::index_page_header& page) const {
  return page.generation < generation_ || (page.generation == generation_ && page.sequence < sequence_);
}

actor::task<base::result<std::vector<index_channel::seen_page>>> index_channel::survey(call_options options) {
  std::vector<seen_page> seen;
  channel_pages pages(context_.store, channel_);
  pages.allow_emptied();
  for (;;) {
    auto some = co_await pages.next(options);
    if (!some) co_return some.error();
    if (pages.emptied()) generation_ = std::max(generation_, newest_possible(context_.env.clock.wall_now()));
    if (some->empty()) co_return seen;
    for (const auto& m : *some) {
      if (auto page = our_page(m)) seen.push_back({m.id, std::move(*page), m.attachments});
    }
  }
}

actor::task<base::result<protocol::index_digest>> index_channel::read(const stored_message& message, const protocol::index_page_header& header,
                                                                      call_options options) {
  if (!header.attached) co_return protocol::read_index_part(header, 1, protocol::inline_lines(message.content));
  protocol::index_digest all;
  for (std::size_t part = 1; part <= header.parts.size(); ++part) {
    if (part > message.attachments.size()) co_return base::error(errc::damaged, fmt::format("part {} of the page is missing", part));
    auto info = message.attachments[part - 1];
    auto bytes = co_await context_.store.download(std::move(info), options);
    if (!bytes && bytes.error().code != store_errc::not_found) co_return bytes.error();
    if (!bytes) co_return base::error(errc::damaged, fmt::format("part {} of the page is gone", part));
    auto change = protocol::read_index_part(header, part, *bytes);
    if (!change) co_return base::error(errc::damaged, change.error().message);
    all.add(*change);
  }
  co_return all;
}

actor::task<base::result<void>> index_channel::check_page(const stored_message& message, page_check& check, call_options options) {
  auto& findings = check.findings;
  const auto& field = index_.field;
  if (message.author != context_.store.self()) {
    findings.add_foreign("this message in the channel of the index on " + field + " is not by dbcord; it counts for nothing", message);
    co_return base::result<void>();
  }
  bool known = check.missing.erase(message.id) > 0;
  auto header = our_page(message);
  if (!known && header && is_left_over(*header)) {
    older_.push_back(message.id);
    co_return base::result<void>();
  }
  if (!known) {
    add_finding(findings, field, "this message is no page that the index's channel should have", &message);
    co_return base::result<void>();
  }
  if (!header) {
    check.sound = false;
    add_finding(findings, field, "this page of the index's channel cannot be read", &message);
    co_return base::result<void>();
  }
  if (header->attached) findings.report().attachments += header->parts.size();
  auto change = co_await read(message, *header, options);
  if (!change && change.error().code != errc::damaged && change.error().code != base::errc::invalid_argument) co_return change.error();
  if (change) {
    check.shows.add(*change);
    co_return base::result<void>();
  }
  check.sound = false;
  add_finding(findings, field, change.error().message, &message);
  co_return base::result<void>();
}

// Within its turn nothing is written to it: what it shows then is what was read of the index and what was taken of its changes.
actor::task<base::result<void>> index_channel::verify(verify_findings& findings, base::steady_time deadline) {
  auto turn = co_await turn_.lock();
  auto now = co_await table_->shown_index_of(index_.index);
  if (!now) co_return base::result<void>();
  auto field = now->definition.field;
  bool whole = phase_ == phase::following && now->state == index_recorder::state::following;
  if (!whole) {
    if (!problem_.empty()) add_finding(findings, field, "its channel is not complete: " + problem_, nullptr);
    co_return base::result<void>();  // else it is being written
  }
  page_check check{findings, {pages_.begin(), pages_.end()}};
  const std::set<base::message_id> being_removed(older_.begin(), older_.end());
  call_options options{priority::maintenance, deadline};
  channel_pages pages(context_.store, channel_);
  pages.allow_emptied();
  for (;;) {
    auto some = co_await pages.next(options);
    if (!some && some.error().code == store_errc::not_found) {
      add_finding(findings, field, "its channel is gone", nullptr);
      co_return base::result<void>();
    }
    if (!some) co_return some.error();
    if (some->empty()) break;
    for (const auto& m : *some) {
      ++findings.report().messages;
      if (being_removed.contains(m.id)) continue;
      auto checked = co_await check_page(m, check, options);
      if (!checked) co_return checked;
    }
  }
  auto unseen = check.missing;
  for (auto message : unseen) {  // a listing may be behind
    auto fetched = co_await context_.store.fetch(channel_, message, options);
    if (!fetched && fetched.error().code != store_errc::not_found) co_return fetched.error();
    base::result<void> checked;
    if (fetched) checked = co_await check_page(fetched->value, check, options);
    if (!checked) co_return checked;
  }
  for (auto message : check.missing) {
    stored_message none;
    none.id = message;
    none.channel = channel_;
    add_finding(findings, field, "a page of the index's channel is missing", &none);
  }
  now = co_await table_->shown_index_of(index_.index);
  bool comparable = now && now->state == index_recorder::state::following;
  if (check.sound && check.missing.empty() && comparable && check.shows != now->shown) {
    add_finding(findings, field, fmt::format("its channel shows {} entries that are not the {} of the index", check.shows.entries, now->shown.entries), nullptr);
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
