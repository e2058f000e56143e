// The part of log_opening that reads: where the log begins for us, and which of its records count.
//
// Why the chain may be read from a checkpoint's anchor only: a manifest is written by a process that had its anchor acknowledged, and what was
// acknowledged stays on the chain for good (promises 1 and 7). So an anchor is never wrong, however late its manifest arrives and whoever wrote
// it; the `checkpoint` record, found on the chain that begins there, says that the parts were complete and are kept.

#include <fmt/format.h>

#include "actor/event.hpp"
#include "database/log_opening.hpp"
#include "protocol/drop_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration retry_pause = 500ms;
constexpr int download_attempts = 5;
// Ids of messages that were sent one after another may disagree with that order by as much as the clocks of Discord's machines do.
constexpr base::duration listing_overlap = 10s;

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
      co_await actor::sleep_for(env_, retry_pause);
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
  if (checkpoints_) {
    auto listed = co_await list_checkpoints(store_, checkpoints_, request());
    if (!listed) co_return listed.error();
    lease_.note_date(listed->date);
    listing_ = std::move(listed->value);
    for (const auto& candidate : listing_.candidates) {
      if (rejected_.contains(candidate.message.id)) continue;
      auto seen = co_await read_from_checkpoint(candidate);
      if (!seen && !is_damage(seen.error())) co_return seen.error();
      if (!seen) reject(candidate, seen.error());
      if (seen && *seen) co_return std::move(**seen);
    }
  }
  co_return co_await read_from(options_.anchor, {});
}

// Empty: no record of the log names it (yet); it counts for nothing.
actor::task<base::result<std::optional<log_opening::chain>>> log_opening::read_from_checkpoint(checkpoint_candidate candidate) {
  auto manifest = co_await read_manifest(store_, candidate, request());
  if (!manifest) co_return manifest.error();
  auto after = base::id_at<base::message_id>(base::created_at(manifest->record) - listing_overlap);
  auto seen = co_await read_from(manifest->anchor, after);
  if (!seen) co_return seen.error();
  auto named = co_await names_checkpoint(*seen, candidate);
  if (!named) co_return named.error();
  if (!*named) co_return std::optional<chain>();
  seen->base = std::move(candidate);
  seen->manifest = std::move(*manifest);
  co_return std::optional<chain>(std::move(*seen));
}

actor::task<base::result<bool>> log_opening::names_checkpoint(const chain& seen, const checkpoint_candidate& candidate) {
  for (const auto& found : seen.records) {
    if (found.record.header.kind != protocol::record_kind::checkpoint) continue;
    auto body = co_await read_body(store_, found, request());
    if (!body) co_return body.error();
    auto reference = protocol::decode_checkpoint_reference(*body);
    if (reference && reference->manifest == candidate.message.id && reference->hash == candidate.header.hash) co_return true;
  }
  co_return false;
}

base::error log_opening::lost_record(const found_record& orphan) const {
  return {errc::damaged,
          fmt::format("log record {} of database {} is gone: message {} in channel {} stands on it; somebody has deleted it, so the database is "
                      "not opened and nothing is written. Restore it from a backup or a snapshot",
                      orphan.record.header.lsn - 1, options_.database, orphan.message.id.str(), options_.log.str())};
}

actor::task<base::result<std::set<base::message_id>>> log_opening::read_drops(const chain& seen) {
  std::set<base::message_id> dropped;
  for (const auto& found : seen.records) {
    if (found.record.header.kind != protocol::record_kind::drop) continue;
    auto body = co_await read_body(store_, found, request());
    auto drop = body ? protocol::decode_drop(*body) : std::nullopt;
    if (!body) co_return body.error();
    if (!drop) co_return base::error(errc::damaged, fmt::format("log record {} of database {} names nothing that was dropped", found.record.header.lsn, options_.database));
    dropped.insert(drop->messages.begin(), drop->messages.end());
  }
  co_return dropped;
}

actor::task<base::result<log_opening::chain>> log_opening::read_from(protocol::chain_anchor anchor, base::message_id after) {
  auto messages = co_await read_all(store_, options_.log, after, request());
  if (!messages && messages.error().code == store_errc::not_found) {
    co_return base::error(errc::damaged, fmt::format("the log of database {} (channel {}) is gone: somebody has deleted it, or dbcord may not see it; "
                                                     "nothing was changed",
                                                     options_.database, options_.log.str()));
  }
  if (!messages) co_return messages.error();
  lease_.note_date(messages->date);
  std::vector<found_record> found;
  std::vector<protocol::chain_record> records;
  for (const auto& m : messages->value) {
    auto record = as_record(store_, m);
    if (!record) continue;
    records.push_back(record->record);
    found.push_back(std::move(*record));
  }
  chain seen;
  seen.anchor = anchor;
  if (!messages->value.empty()) seen.last_message = messages->value.back().id;
  if (auto orphan = protocol::record_without_predecessor(anchor, records)) seen.orphan = found[*orphan];
  for (auto i : protocol::valid_chain(anchor, records)) seen.records.push_back(std::move(found[i]));
  tip_epoch_ = seen.records.empty() ? anchor.epoch : seen.records.back().record.header.epoch;
  co_return seen;
}

}  // namespace dbcord::database
