// The part of log_opening that reads: where the log begins for us, and which of its records count.
//
// Why the chain may be read from a checkpoint's anchor only: a manifest is written by a process that had its anchor acknowledged, and what was
// acknowledged stays on the chain for good (promises 1 and 7). So an anchor is never wrong, however late its manifest arrives and whoever wrote
// it; the `checkpoint` record, found on the chain that begins there, says that the parts were complete and are kept.

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/log_opening.hpp"
#include "database/whole_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr int download_attempts = 5;

bool is_damage(const base::error& e) { return e.code == errc::damaged; }

}  // namespace

// The checkpoint is read before we start, so that one that turns out to be damaged can still be given up for the one before.
actor::task<base::result<log_opening::chain>> log_opening::settle_on_base(base::steady_time deadline, std::optional<loaded_image>& image) {
  for (;;) {
    auto seen = co_await wait_and_read(deadline);
    if (!seen) co_return seen.error();
    if (!seen->base) co_return seen;
    base::error why;
    for (int attempt = 1; attempt <= download_attempts; ++attempt) {
      auto read = co_await read_checkpoint(store_, listing_, *seen->base, *seen->manifest, request());
      if (read) {
        image = std::move(*read);
        co_return seen;
      }
      why = read.error();
      if (is_damage(why) || env_.now() >= deadline) break;
      auto goes_on = co_await pause(retry_pause);
      if (!goes_on) co_return goes_on.error();
    }
    reject(*seen->base, why);
  }
}

void log_opening::reject(const checkpoint_candidate& candidate, const base::error& why) {
  env_.log.warning("a checkpoint cannot be used", {{"database", options_.database},
                                                   {"lsn", candidate.header.lsn},
                                                   {"message", candidate.message.id.value},
                                                   {"error", why.message}});
  rejected_.insert(candidate.message.id);
}

// The chain from the newest checkpoint that counts; with none, from the database's creation.
actor::task<base::result<log_opening::chain>> log_opening::read_chain() {
  if (channels_.checkpoints) {
    auto listed = co_await list();
    if (!listed) co_return listed.error();
    for (const auto& candidate : listing_.candidates) {
      if (rejected_.contains(candidate.message.id)) continue;
      auto seen = co_await read_from_checkpoint(candidate);
      if (!seen && !is_damage(seen.error())) co_return seen.error();
      if (!seen) reject(candidate, seen.error());
      if (seen && *seen) co_return co_await stand_on_newest(std::move(**seen));
    }
  }
  log_start whole{options_.anchor, {}};
  auto seen = co_await read_from(std::move(whole));
  if (!seen) co_return seen.error();
  co_return co_await stand_on_newest(std::move(*seen));
}

// A manifest is written of records that are acknowledged. So the chain reaches its LSN, or somebody has deleted the rest: maybe all that stood in a channel, and the
// roll that led there. Such a checkpoint says what was there, though no record that is left names it.
actor::task<base::result<log_opening::chain>> log_opening::stand_on_newest(chain seen) {
  auto tip = seen.records.empty() ? seen.anchor.lsn : seen.records.back().record.header.lsn;
  const checkpoint_candidate* newest = nullptr;  // it says most, readable or not
  for (const auto& candidate : listing_.candidates) {
    if (candidate.header.lsn <= tip) continue;
    if (!newest) newest = &candidate;
    if (rejected_.contains(candidate.message.id)) continue;
    auto newer = co_await read_from_checkpoint(candidate, true);
    if (!newer && !is_damage(newer.error())) co_return newer.error();
    if (!newer) reject(candidate, newer.error());
    if (!newer) continue;
    auto& found = **newer;
    found.end_lost = true;
    if (found.losses.empty()) {
      found.losses.push_back(fmt::format("what the log held behind record {} is gone: checkpoint {} in channel {} was written when it was there", candidate.header.lsn,
                                         candidate.message.id.str(), candidate.message.channel.str()));
    }
    co_return std::move(found);
  }
  if (!newest) co_return seen;
  seen.end_lost = true;
  bool one = tip + 1 == newest->header.lsn;
  auto what = one ? fmt::format("log record {} is", tip + 1) : fmt::format("log records {} to {} are", tip + 1, newest->header.lsn);
  seen.losses.push_back(fmt::format("{} gone: checkpoint {} in channel {} was written when {} there", what, newest->message.id.str(), newest->message.channel.str(),
                                    one ? "it was" : "they were"));
  co_return seen;
}

// Once for a reading of all, which may have waited with it (wait_until_discord_shows).
actor::task<base::result<void>> log_opening::list() {
  if (listed_) co_return base::result<void>();
  auto listed = co_await list_checkpoints(store_, channels_.checkpoints, request());
  if (!listed) co_return listed.error();
  lease_.note_date(listed->date);
  listing_ = std::move(listed->value);
  listed_ = true;
  co_return base::result<void>();
}

// Empty: no record of the log names it (yet); it counts for nothing, unless the record is known to be lost.
actor::task<base::result<std::optional<log_opening::chain>>> log_opening::read_from_checkpoint(checkpoint_candidate candidate, bool record_lost) {
  auto manifest = co_await read_manifest(store_, candidate, request());
  if (!manifest) co_return manifest.error();
  auto from = start_behind(manifest->anchor, manifest->record);
  auto seen = co_await read_from(std::move(from));
  if (!seen) co_return seen.error();
  auto named = co_await names_checkpoint(*seen, candidate);
  if (!named) co_return named.error();
  // The record that names it may be among those that are lost; its parts are checked one by one in any case.
  if (!*named && seen->losses.empty() && !record_lost) co_return std::optional<chain>();
  seen->base = std::move(candidate);
  seen->manifest = std::move(*manifest);
  co_return std::optional<chain>(std::move(*seen));
}

actor::task<base::result<bool>> log_opening::names_checkpoint(chain& seen, const checkpoint_candidate& candidate) {
  for (auto& found : seen.records) {
    auto kind = found.record.header.kind;
    if (kind != protocol::record_kind::checkpoint && kind != protocol::record_kind::roll) continue;
    auto body = co_await read_body(store_, found, request());
    if (!body && is_damage_of_body(body.error())) continue;
    if (!body) co_return body.error();
    std::optional<protocol::checkpoint_reference> reference;
    if (kind == protocol::record_kind::checkpoint) reference = protocol::decode_checkpoint_reference(*body);
    if (auto roll = protocol::decode_roll(*body); kind == protocol::record_kind::roll && roll) reference = roll->checkpoint;
    if (reference && reference->manifest == candidate.message.id && reference->hash == candidate.header.hash) co_return true;
  }
  co_return false;
}

// What the other records say, in their order: where the log goes on, and what was, or is about to be, deleted.
actor::task<base::result<void>> log_opening::read_upkeep(chain& seen, recovered_log& out) {
  for (auto& found : seen.records) {
    const auto& header = found.record.header;
    // After a loss a record may stand in a channel to which no roll that is left leads.
    auto next = [&](base::channel_id channel, std::uint64_t first) { out.segments.push_back({number_of(channel, out.segments.back().number + 1), channel, first}); };
    if (found.record.channel != out.segments.back().channel) next(found.record.channel, header.lsn);
    if (header.kind == protocol::record_kind::roll) next(found.record.roll_to, header.lsn + 1);
    if (header.kind != protocol::record_kind::drop) continue;
    auto body = co_await upkeep_body(found);
    if (!body && !is_damage_of_body(body.error())) co_return body.error();
    auto drop = body ? protocol::decode_drop(*body) : std::nullopt;
    if (!drop) {
      out.losses.push_back(fmt::format("log record {} (message {}) should name what was deleted, and cannot be read", header.lsn, found.message.id.str()));
      continue;
    }
    out.dropped.insert(drop->messages.begin(), drop->messages.end());
    if (!drop->messages.empty()) continue;
    out.dropped_channels.insert(drop->channel);
    std::erase_if(out.segments, [&](const auto& s) { return s.channel == drop->channel; });
    if (out.segments.empty()) co_return base::error(errc::damaged, fmt::format("log record {} drops the log's only segment", header.lsn));
  }
  co_return base::result<void>();
}

// As its topic says: behind a loss segments between may be unknown.
std::uint64_t log_opening::number_of(base::channel_id channel, std::uint64_t least) const {
  auto listed = std::find_if(channels_.log.begin(), channels_.log.end(), [&](const auto& s) { return s.channel == channel; });
  return listed == channels_.log.end() ? least : std::max(least, listed->number);
}

actor::task<base::result<log_opening::chain>> log_opening::read_from(log_start from) {
  std::vector<base::channel_id> channels{from.anchor.channel};
  auto walked = co_await walk_log(store_, reads_, channels, from.after, request());
  if (!walked) co_return walked.error();
  lease_.note_date(walked->date);
  chain seen = judge(from.anchor, *walked);
  auto others = segments_out_of_reach(seen, *walked);
  if (!others.empty()) {
    channels.insert(channels.end(), others.begin(), others.end());
    walked = co_await walk_log(store_, reads_, std::move(channels), from.after, request());
    if (!walked) co_return walked.error();
    lease_.note_date(walked->date);
    seen = judge(from.anchor, *walked);
  }
  tip_epoch_ = seen.records.empty() ? from.anchor.epoch : seen.records.back().record.header.epoch;
  co_return seen;
}

// Channels to which no roll has led us. Behind a loss all of them may hold something; without one, those with a higher number than the chain's last: usually
// there are none, but the roll that leads there may be what was deleted, and as the last record of its channel it would not be missed there.
std::vector<base::channel_id> log_opening::segments_out_of_reach(const chain& seen, const walked_log& walked) const {
  std::vector<base::channel_id> out;
  for (const auto& s : channels_.log) {
    bool reached = walked.last.contains(s.channel) || walked.missing.contains(s.channel);
    if (!reached && (may_be_behind(seen.channel, s) || !seen.losses.empty())) out.push_back(s.channel);
  }
  return out;
}

bool log_opening::may_be_behind(base::channel_id last, const listed_segment& segment) const {
  auto listed = std::find_if(channels_.log.begin(), channels_.log.end(), [&](const auto& s) { return s.channel == last; });
  return listed != channels_.log.end() && segment.number > listed->number;
}

// Which of what was read counts, and what is missing.
log_opening::chain log_opening::judge(const protocol::chain_anchor& anchor, walked_log& walked) const {
  std::vector<protocol::chain_record> records;
  for (const auto& found : walked.records) records.push_back(found.record);
  chain seen;
  seen.anchor = anchor;
  auto orphan = protocol::record_without_predecessor(anchor, records);
  bool blind = base::has_bug(base::deliberate_bug::overlook_a_hole);
  auto bridged = blind ? protocol::bridged_log{protocol::valid_chain(anchor, records), {}} : protocol::bridged_chain(anchor, records);
  for (const auto& gap : bridged.gaps) {
    const auto& behind = walked.records[bridged.chain[gap.before]].message;
    bool one = gap.first_lsn == gap.last_lsn;
    auto what = one ? fmt::format("log record {} is gone", gap.first_lsn) : fmt::format("log records {} to {} are gone", gap.first_lsn, gap.last_lsn);
    auto how = gap.accepted_once ? fmt::format("goes on behind {}, since that loss was accepted before", one ? "it" : "them")
                                 : fmt::format("stands on {}", one ? "it" : "them");
    seen.losses.push_back(fmt::format("{}: message {} in channel {} {}", what, behind.id.str(), behind.channel.str(), how));
  }
  if (orphan && bridged.gaps.empty() && !blind) {
    const auto& lost = walked.records[*orphan];
    seen.losses.push_back(fmt::format("log record {} is gone: message {} in channel {} stands on it", lost.record.header.lsn - 1,
                                      lost.message.id.str(), lost.message.channel.str()));
  }
  for (auto i : bridged.chain) seen.records.push_back(std::move(walked.records[i]));
  while (!seen.records.empty() && !is_whole(seen.records.back())) seen.records.pop_back();  // never acknowledged; our start takes its place
  seen.gaps = std::move(bridged.gaps);
  seen.channel = anchor.channel;
  if (!seen.records.empty()) {
    const auto& tip = seen.records.back().record;
    seen.channel = tip.header.kind == protocol::record_kind::roll ? tip.roll_to : tip.channel;
  }
  note_lost_end(seen, walked);
  return seen;
}

void log_opening::note_lost_end(chain& seen, const walked_log& walked) const {
  bool emptied = walked.emptied.contains(seen.channel), gone = walked.missing.contains(seen.channel);
  if (emptied || gone) {
    auto last = seen.records.empty() ? seen.anchor.lsn : seen.records.back().record.header.lsn;
    seen.losses.push_back(fmt::format("channel {}, which held the log from record {} on, is {}", seen.channel.str(), last + 1,
                                      emptied ? "empty (somebody has deleted its messages)" : "gone (somebody has deleted it, or dbcord may not see it)"));
  } else if (auto last = walked.last.find(seen.channel); last != walked.last.end()) {
    seen.last_message = last->second;
  }
  bool more = false;
  for (const auto& s : channels_.log) {
    bool behind = s.channel != seen.channel && (gone || may_be_behind(seen.channel, s));
    if (!behind || !walked.emptied.contains(s.channel)) continue;
    more = true;
    seen.losses.push_back(fmt::format("channel {}, which held records of the log, is empty (somebody has deleted its messages)", s.channel.str()));
  }
  seen.end_lost = emptied || gone || more;
}

}  // namespace dbcord::database
