#include "database/snapshot_verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"

namespace dbcord::database {
namespace {

// As long as any work may take that writes one, so that another process, which has lost the database since, is not at it any more.
constexpr base::duration snapshot_settles = std::chrono::minutes(20);

struct snapshots_seen {
  snapshot_listing listing;
  std::set<std::string> in_hand;  // before or behind it
};

actor::task<base::result<snapshots_seen>> look_at_snapshots(message_store& store, base::channel_id channel, const snapshots_in_hand& in_hand, call_options options) {
  snapshots_seen seen;
  seen.in_hand = in_hand.all();
  auto listing = co_await read_snapshot_listing(store, channel, options);
  if (!listing) co_return listing.error();
  seen.listing = std::move(*listing);
  seen.in_hand.merge(in_hand.all());
  co_return seen;
}

bool is_given_up(const listed_snapshot& snapshot, const snapshots_seen& seen) {
  bool is_old = base::created_at(snapshot.messages.back()) + snapshot_settles < seen.listing.date;
  return !snapshot.ended && is_old && !seen.in_hand.contains(snapshot.token);
}

std::string name_of(const kept_snapshot& snapshot) {
  return snapshot.table.empty() ? fmt::format("the snapshot of the database at LSN {}", snapshot.lsn)
                                : fmt::format("the snapshot of {} at LSN {}", snapshot.table, snapshot.lsn);
}

// Whether it is still there: what is being dropped goes with its newest message first.
actor::task<base::result<bool>> is_kept_still(const verification_context& context, const listed_snapshot& snapshot) {
  auto fetched = co_await context.store.fetch(snapshot.summary.location.channel, snapshot.messages.back(), context.options());
  if (fetched) co_return true;
  if (fetched.error().code != store_errc::not_found) co_return fetched.error();
  co_return false;
}

void tell_flaws(const listed_snapshot& snapshot, verify_findings& findings) {
  for (const auto& flaw : snapshot.flaws) {
    auto what = fmt::format("{}: {}; it cannot be restored whole: take another, and delete it with /dbc_snapshot_drop", name_of(snapshot.summary), flaw.what);
    auto told = finding_of(snapshot_kind, {}, std::move(what));
    told.link = findings.link_to(snapshot.summary.location.channel, flaw.message);
    told.beyond_repair = true;
    findings.add_problem(std::move(told));
  }
}

void tell_spare_parts(const listed_snapshot& snapshot, verify_findings& findings) {
  for (auto message : snapshot.spare) {
    auto told = finding_of("duplicate", {}, fmt::format("a part of {} stands here as well: it was sent twice, since an answer was lost; it goes with the snapshot", name_of(snapshot.summary)));
    told.link = findings.link_to(snapshot.summary.location.channel, message);
    findings.add_note(std::move(told));
  }
}

void tell_left_parts(const listed_snapshot& snapshot, verify_findings& findings) {
  for (auto message : snapshot.messages) {
    stored_message m;
    m.channel = snapshot.summary.location.channel;
    m.id = message;
    findings.add_unfinished(fmt::format("a part of {}, which was never finished", name_of(snapshot.summary)), m);
  }
}

void tell_others(const snapshot_listing& listing, base::channel_id channel, verify_findings& findings) {
  for (auto message : listing.strangers) {
    stored_message m;
    m.channel = channel;
    m.id = message;
    findings.add_foreign("this message in #dbc-snapshots is not by dbcord; it counts for nothing", m);
  }
  for (auto message : listing.no_parts) {
    auto told = finding_of("unknown", {}, "this message of dbcord in #dbc-snapshots is no part of a snapshot");
    told.link = findings.link_to(channel, message);
    findings.add_note(std::move(told));
  }
}

}  // namespace

actor::task<base::result<std::vector<listed_snapshot>>> unfinished_snapshots(message_store& store, base::channel_id channel, const snapshots_in_hand& in_hand,
                                                                             call_options options) {
  auto seen = co_await look_at_snapshots(store, channel, in_hand, options);
  if (!seen) co_return seen.error();
  auto& all = seen->listing.snapshots;
  std::erase_if(all, [&](const listed_snapshot& s) { return !is_given_up(s, *seen); });
  co_return std::move(all);
}

actor::task<base::result<void>> verify_snapshots(const verification_context& context, base::channel_id channel, const snapshots_in_hand& in_hand,
                                                 verify_findings& findings) {
  auto seen = co_await look_at_snapshots(context.store, channel, in_hand, context.options());
  if (!seen && seen.error().code == store_errc::not_done) {  // a listing may be behind the first part of all
    co_await actor::sleep_until(context.env, std::min(context.env.after(context.staleness), context.deadline));
    seen = co_await look_at_snapshots(context.store, channel, in_hand, context.options());
  }
  if (!seen) co_return seen.error();
  tell_others(seen->listing, channel, findings);
  for (const auto& snapshot : seen->listing.snapshots) {
    if (is_cancelled(context.progress)) co_return base::error(base::errc::stopping, "the verification was cancelled; it changes nothing");
    bool given_up = is_given_up(snapshot, *seen);
    if (!snapshot.ended && !given_up) continue;
    if (snapshot.ended && snapshot.flaws.empty()) {
      ++findings.report().snapshots;
      tell_spare_parts(snapshot, findings);
      continue;
    }
    auto kept = co_await is_kept_still(context, snapshot);
    if (!kept) co_return kept.error();
    if (*kept && given_up) tell_left_parts(snapshot, findings);
    if (*kept && !given_up) tell_flaws(snapshot, findings);
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
