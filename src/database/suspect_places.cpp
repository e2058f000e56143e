#include "database/suspect_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "database/missed_deletions.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t asked_at_once = 256;

}  // namespace

// Records behind the kept checkpoints are read by log_verification, and what they say of rows as they are now is in memory; the others are only looked for. Those
// that alone have an older version are read.
actor::task<base::result<void>> suspect_places::look_into_log(const expected_places& expected) {
  context_.values.forget_records();  // what was read before says nothing of what is there now
  auto first = context_.log.first_lsn(), start = context_.start().anchor.lsn;
  std::map<base::channel_id, std::map<base::message_id, std::vector<const row_place*>>> needed;
  std::set<const row_place*> gone_ones;
  for (const auto& place : expected.in_log()) {
    if (place.lsn < first) {
      if (!context_.adopting) add_missing(place, "its message was deleted");
    } else if (place.lsn <= start) {
      needed[context_.log.channel_of(place.lsn)][place.log_message].push_back(&place);
    }
  }
  for (const auto& [channel, records] : needed) {
    std::set<base::message_id> ids;
    for (const auto& [id, places] : records) ids.insert(id);
    auto given_up = [this] { return is_cancelled(context_.progress); };
    auto missing = co_await find_missing(context_.store, channel, std::move(ids), context_.options(), given_up);
    bool gone = !missing && missing.error().code == store_errc::not_found;
    if (gone && !context_.log.contains(channel)) continue;  // the segment was dropped meanwhile: nothing needs it
    if (!missing && !gone) co_return missing.error();
    for (const auto& [id, places] : records) {
      bool lost = gone || std::find(missing->begin(), missing->end(), id) != missing->end();
      for (const auto* place : places) {
        if (!lost) continue;
        gone_ones.insert(place);
        add_missing(*place, fmt::format("log record {}, which has it, is gone", place->lsn));
      }
    }
  }
  std::vector<row_place> versions;
  for (const auto& place : expected.in_log()) {
    if (!place.live && place.lsn >= first && !gone_ones.contains(&place)) versions.push_back(place);
  }
  co_return co_await read_from_log(std::move(versions));
}

// Record by record, so that each is read once.
actor::task<base::result<void>> suspect_places::read_from_log(std::vector<row_place> versions) {
  std::sort(versions.begin(), versions.end(), [](const row_place& a, const row_place& b) { return std::tie(a.lsn, a.key) < std::tie(b.lsn, b.key); });
  std::span<const row_place> left(versions);
  while (!left.empty()) {
    if (is_cancelled(context_.progress)) co_return base::error(base::errc::stopping, "the verification was cancelled; it changes nothing");
    auto some = left.first(std::min(left.size(), asked_at_once));
    left = left.subspan(some.size());
    std::vector<value_place> in_log;
    for (const auto& place : some) in_log.push_back({place.key, place.version, place.lsn, place.log_message, {}, {}, 0});
    auto values = co_await context_.values.read(table_->definition().table, in_log, context_.options());
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (values[i]) continue;
      if (values[i].error().code != errc::damaged) co_return values[i].error();
      add_damaged(some[i], fmt::format("log record {}, which alone had it, is damaged", some[i].lsn));
    }
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> suspect_places::tell(verify_findings& findings) {
  std::span<const suspect> left(all_);
  while (!left.empty()) {
    auto some = left.first(std::min(left.size(), asked_at_once));
    left = left.subspan(some.size());
    std::vector<row_place> places;
    for (const auto& s : some) places.push_back(s.place);
    auto states = co_await table_->states_of(std::move(places), context_.deadline);
    if (!states) co_return states.error();
    auto channels = table_->channels();
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (!(*states)[i].holds) continue;
      if (some[i].place.live) {
        tell_row(findings, some[i], channels, !(*states)[i].json_hash.empty());
        continue;
      }
      auto told = co_await tell_version(findings, some[i], channels);
      if (!told) co_return told;
    }
  }
  co_return base::result<void>();
}

// What memory has is written again, and stands in checkpoints until then.
void suspect_places::tell_row(verify_findings& findings, const suspect& s, const table_channels& channels, bool in_memory) const {
  bool outlived_log = !s.place.row_message && s.place.lsn < context_.log.first_lsn();
  if (outlived_log && in_memory) return;
  if (outlived_log) return findings.add_lost_row(s.place.key);
  auto found = finding_of(s.damaged ? "damaged" : "missing", s.place.key, s.why);
  found.row_message = s.place.row_message;
  if (s.place.row_message) {
    found.link = findings.link_to(channels.of(s.place.row_message), s.place.row_message);
  } else {
    found.kind = "log";
    found.beyond_repair = true;
  }
  findings.add_problem(std::move(found));
}

// Read from the log alone. What is there no problem is a note; repair has it written again.
actor::task<base::result<void>> suspect_places::tell_version(verify_findings& findings, const suspect& s, const table_channels& channels) {
  const auto& place = s.place;
  auto found = finding_of(history_kind, place.key, {});
  found.lsn = place.lsn;
  found.version = place.version;
  found.row_message = place.row_message;
  if (place.row_message) found.link = findings.link_to(channels.of(place.row_message), place.row_message);
  std::vector<value_place> in_log{{place.key, place.version, place.lsn, place.log_message, {}, {}, 0}};
  auto values = co_await context_.values.read(table_->definition().table, in_log, context_.options());
  auto& value = values.front();
  if (!value && value.error().code != errc::damaged && value.error().code != store_errc::not_found) co_return value.error();
  if (value) {
    found.what = fmt::format("version {}: {}; the log still has it", place.version, s.why);
    findings.add_note(std::move(found));
    co_return base::result<void>();
  }
  std::vector<row_place> again{place};
  auto state = co_await table_->states_of(std::move(again), context_.deadline);
  if (!state) co_return state.error();
  if (!state->front().holds) co_return base::result<void>();
  found.what = fmt::format("version {} is lost: {}{}", place.version, s.why, place.row_message ? ", and the log does not have it" : "");
  if (!place.row_message && s.damaged) found.link = findings.link_to(context_.log.channel_of(place.lsn), place.log_message);
  found.beyond_repair = true;
  findings.add_problem(std::move(found));
  co_return base::result<void>();
}

}  // namespace dbcord::database
