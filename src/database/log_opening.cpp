#include "database/log_opening.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "actor/each_at_once.hpp"
#include "actor/event.hpp"
#include "database/history_page.hpp"
#include "database/store_refusal.hpp"
#include "protocol/control_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration start_time_behind_scan = 2min;
constexpr base::duration claim_clocks_differ = 10s;
constexpr base::duration undated_pause = 5s;  // a void claim stays in the channel for ever
constexpr int glance = 10;    // newest messages, of which one may be a stranger's
constexpr int reads_max = 8;  // of a log that lacks a record: 4 s, more than a listing may be behind

std::int64_t to_seconds(base::system_time t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

}  // namespace

actor::task<base::result<opened_log>> log_opening::run(base::steady_time deadline) {
  std::optional<loaded_image> image;
  auto seen = co_await claim_and_read(deadline, image);
  if (!seen) co_return seen.error();
  log_tail tail;
  std::vector<std::pair<std::uint64_t, base::message_id>> records;
  for (const auto& found : seen->records) {
    records.emplace_back(found.record.header.lsn, found.message.id);
    ++tail.messages;
    if (found.record.header.attached) ++tail.files;
    tail.bytes += found.record.header.body_size + found.message.content.size();
  }
  recovered_log recovered;
  recovered.losses = seen->losses;
  auto groups = co_await read_groups(*seen, deadline, recovered);
  if (!groups) co_return groups.error();
  auto files = files_without_delta(*seen);
  recovered.segments = image ? image->segments : std::vector<protocol::log_segment>();
  if (recovered.segments.empty()) recovered.segments.push_back({number_of(options_.log, 1), options_.log, 1});
  auto upkeep = co_await read_upkeep(*seen, recovered);
  if (!upkeep) co_return upkeep.error();
  upkeep_bodies_.clear();
  recovered.deltas = std::move(deltas_);
  recovered.anchor = seen->anchor;
  recovered.released = !seen->end_lost && !seen->records.empty() && seen->records.back().record.header.kind == protocol::record_kind::release;
  recovered.base = std::move(image);
  if (!recovered.base && begins_late(*seen)) {
    auto scanned = co_await scan_tables(*seen, recovered);
    if (!scanned) co_return scanned.error();
    deadline = std::max(deadline, env_.after(start_time_behind_scan));
  } else if (!recovered.losses.empty()) {
    auto found = co_await find_lost_rows(*seen, recovered);
    if (!found) co_return found.error();
    deadline = std::max(deadline, env_.after(start_time_behind_scan));
    auto made = co_await make_tables_again(*seen, recovered);
    if (!made) co_return made.error();
  }
  auto last_message = seen->last_message;
  auto opened = co_await go_on(std::move(*seen), recovered, deadline);
  if (!opened) co_return opened.error();
  opened->recovered = std::move(recovered);
  opened->tail = tail;
  opened->files = std::move(files);
  if (opened->writable) records.emplace_back(opened->start.lsn, opened->start_message);
  opened->records = std::move(records);
  opened->last_message = last_message;
  co_return opened;
}

// Ids are minted by many clocks, and where a lock keeps others out the last writer's claim may be a moment old: ours has to be the higher one, since epochs are
// claims, and of two starts that with the higher epoch counts.
actor::task<base::result<log_opening::chain>> log_opening::claim_and_read(base::steady_time deadline, std::optional<loaded_image>& image) {
  for (;;) {
    auto claimed = co_await claim(deadline);
    if (!claimed) co_return claimed.error();
    auto waited = co_await wait_first(deadline);
    if (!waited) co_return waited.error();
    auto seen = co_await settle_on_base(deadline, image);
    if (!seen || claim_.value > tip_epoch_) co_return seen;
    image.reset();
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

// In short steps: whoever is to end does not wait for another process's lease.
actor::task<base::result<void>> log_opening::pause(base::duration d) {
  auto until = env_.after(d);
  while (!given_up_ && env_.now() < until) co_await actor::sleep_until(env_, std::min(until, env_.after(retry_pause)));
  if (given_up_) co_return base::error(base::errc::stopping);
  co_return base::result<void>();
}

// A moment of Discord's that has passed. One wrong Date (a proxy's, say) must not end the wait for a lease: since the claim was made as much has passed as has on our
// clock since it was answered, and what a Date adds to that is the time of the answer.
base::system_time log_opening::surely_past() const {
  auto at_least = base::created_at(claim_) + (env_.now() - claimed_at_);
  return std::min(lease_.newest_date(), at_least);
}

// The epoch is the id of a claim whose answer we have seen and that is not void; lost ones harm nobody.
actor::task<base::result<void>> log_opening::claim(base::steady_time deadline) {
  for (;;) {
    auto stated = to_seconds(lease_.newest_date());
    new_message message;
    message.content = protocol::encode_claim({env_.random.token(16), stated, options_.take_over});
    message.nonce = env_.random.token(20);
    auto sent = co_await store_.post(options_.control, std::move(message), request());
    if (sent) {
      lease_.note_date(sent->date);
      claim_ = sent->value.id;
      claimed_at_ = env_.now();
      if (!protocol::is_void_claim(claim_, stated)) co_return base::result<void>();
    } else if (!may_pass(sent.error())) {
      co_return sent.error();
    }
    bool undated = sent && sent->date == base::system_time{};  // so the claim is void, as each further one may be
    if (env_.now() >= deadline) {
      auto why = undated ? "Discord's answers do not say what time it is (header Date)" : "no answer from Discord";
      co_return base::error(errc::unavailable, fmt::format("the database could not be claimed: {}", why));
    }
    auto goes_on = co_await pause(undated ? undated_pause : retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

// Who wrote last has mostly not said that it ended, and then only what is read behind the wait counts: nothing need be read before. A glance at the newest segment
// tells; if it is wrong, all is read before as well, or the wait is one for nothing.
actor::task<base::result<void>> log_opening::wait_first(base::steady_time deadline) {
  auto newest = std::max_element(channels_.log.begin(), channels_.log.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  auto channel = newest == channels_.log.end() ? options_.log : newest->channel;
  auto due = may_start_at(false);
  if (surely_past() >= due) co_return base::result<void>();
  auto shown = co_await store_.history_before(channel, {}, glance, request());
  if (!shown) co_return base::result<void>();  // whoever reads all of it finds out why
  lease_.note_date(shown->date);
  std::optional<found_record> last;
  for (const auto& m : shown->value) {
    if (auto record = as_record(store_, m)) last = std::move(record);
  }
  if (!last || last->record.header.kind == protocol::record_kind::release) co_return base::result<void>();
  co_return co_await wait_until_discord_shows(due, deadline);
}

// Reads until Discord's clock, as it stood before the reads, is past the moment at which we may start.
actor::task<base::result<log_opening::chain>> log_opening::wait_and_read(base::steady_time deadline) {
  for (int incomplete = 0;;) {
    auto seen = co_await read_both(deadline);
    if (!seen) co_return seen.error();
    bool unheld = seen->records.empty() || seen->records.back().record.header.kind == protocol::record_kind::release;
    auto due = may_start_at(unheld && alone_);
    bool last = incomplete + 1 >= reads_max;
    if (seen->read_from >= due && (last || seen->losses.empty())) {
      auto looked = co_await look_behind_end(*seen, deadline);
      if (!looked) co_return looked.error();
    }
    if (seen->read_from >= due && !seen->losses.empty() && channels_listed_ < due) {
      auto listed = co_await list_channels_again(seen->read_from, deadline);
      if (!listed) co_return listed.error();
      continue;
    }
    if (seen->read_from >= due && !seen->losses.empty() && !last) {
      ++incomplete;
      auto goes_on = co_await pause(retry_pause);  // a listing may show a record and not yet the one before it
      if (!goes_on) co_return goes_on.error();
      continue;
    }
    if (seen->read_from >= due) co_return std::move(*seen);
    auto waited = co_await wait_until_discord_shows(due, deadline);
    if (!waited) co_return waited.error();
  }
}

// Since they were listed the last writer may have made the channel of checkpoints, gone on in another segment, and dropped the one in which nothing is found now: what
// looks lost is looked for where it would be, before anybody is told that it is.
actor::task<base::result<void>> log_opening::list_channels_again(base::system_time behind, base::steady_time deadline) {
  for (;;) {
    auto listed = co_await channels_.list_again();
    if (listed) {
      channels_ = std::move(*listed);
      channels_listed_ = behind;
      listed_ = false;
      co_return base::result<void>();
    }
    if (!may_pass(listed.error()) || env_.now() >= deadline) co_return listed.error();
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

// What is read behind it counts as read at the newest time that Discord had shown before: so that is asked for, by the listing of checkpoints, which is needed
// then anyway. A listing is good however old it is (see read_chain), if only the log has what its checkpoints stand on.
actor::task<base::result<void>> log_opening::wait_until_discord_shows(base::system_time due, base::steady_time deadline) {
  while (surely_past() < due) {
    // A Date tells whole seconds; the claim's id tells when it was made, and that is some time ago.
    auto now = base::created_at(claim_) + (env_.now() - claimed_at_);
    auto left = std::max<base::duration>(std::chrono::ceil<std::chrono::seconds>(due) - now, retry_pause);
    if (env_.now() + left >= deadline) {
      co_return base::error(errc::unavailable, fmt::format("database {} could not be opened in time: the lease of its last "
                                                           "writer has not run out yet",
                                                           options_.database));
    }
    env_.log.info("waiting for the last writer's lease", {{"database", options_.database}, {"seconds", left / 1s}});
    auto goes_on = co_await pause(left);
    if (!goes_on) co_return goes_on.error();
    listed_ = false;
    base::result<void> asked;
    if (channels_.checkpoints) {
      asked = co_await list();
    } else {
      asked = co_await read_control();
    }
    if (!asked && !may_pass(asked.error())) co_return asked.error();
  }
  co_return base::result<void>();
}

// What was read stays when a request fails that may be answered the next time: all of it is newer than the beginning.
actor::task<base::result<log_opening::chain>> log_opening::read_both(base::steady_time deadline) {
  auto before = surely_past();
  reads_.forget();
  for (;;) {
    auto seen = co_await read_chain();
    base::result<void> control;
    if (seen) control = co_await read_control();
    if (seen && control) {
      reads_.forget();
      listed_ = false;
      seen->read_from = before;
      co_return seen;
    }
    auto why = seen ? control.error() : seen.error();
    if (!may_pass(why) || env_.now() >= deadline) co_return why;
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

base::system_time log_opening::may_start_at(bool unclaimed) const {
  if (options_.exclusive_by_lock || base::has_bug(base::deliberate_bug::skip_the_wait)) return {};
  return protocol::may_start_at(claim_, unclaimed, {options_.lease, options_.staleness});
}

// The newest messages of the control channel, oldest first: back to what may have been sent when our claim was. Not all of them: each start leaves a claim there, for
// ever. A message that was shown must be shown again with the page before it, as otherwise that one may be hidden.
actor::task<base::result<log_opening::newest_control>> log_opening::list_control() {
  auto sent = base::id_at<base::message_id>(base::created_at(claim_) - claim_clocks_differ);
  newest_control newest;
  newest.asked = env_.now();
  base::message_id known;
  do {
    auto page = co_await store_.history_before(options_.control, known ? base::message_id{known.value + 1} : known, history_page_max, request());
    if (!page) co_return page.error();
    lease_.note_date(page->date);
    if (!known) newest.date = page->date;
    auto& shown = page->value;
    if (known && (shown.empty() || shown.back().id != known)) co_return base::error(store_errc::not_done, "the control channel does not show what it has shown");
    if (known) shown.pop_back();
    newest.from_beginning = shown.size() + (known ? 1 : 0) < static_cast<std::size_t>(history_page_max);
    newest.messages.insert(newest.messages.begin(), std::make_move_iterator(shown.begin()), std::make_move_iterator(shown.end()));
    if (!newest.messages.empty()) known = newest.messages.front().id;
  } while (!newest.from_beginning && known > sent);
  co_return newest;
}

// A list that may be behind shows it later; one that is empty for want of a permission never does, and what is fetched says which.
actor::task<base::error> log_opening::claim_not_shown(base::system_time date) {
  if (base::created_at(claim_) + options_.staleness < date) {
    auto looked = co_await store_.fetch(options_.control, claim_, request());
    if (!looked && looked.error().code == store_errc::forbidden) co_return looked.error();
  }
  co_return base::error(store_errc::not_done, "the control channel does not show the claim of this process yet");
}

// Rule 6 from the claimant's side: a valid `held`, or a higher claim, stops us. Where more than those messages stand behind the last writer's claim, others may be at work.
actor::task<base::result<void>> log_opening::read_control() {
  auto newest = co_await list_control();
  if (!newest) co_return newest.error();
  const auto& messages = newest->messages;
  control_date_ = newest->date;
  control_asked_ = newest->asked;
  alone_ = newest->from_beginning || messages.front().id.value <= tip_epoch_;
  bool shown = std::any_of(messages.begin(), messages.end(), [this](const auto& m) { return m.id == claim_; });
  if (!shown) co_return co_await claim_not_shown(newest->date);
  std::optional<base::error> stopped;
  for (const auto& m : messages) {
    if (m.author != store_.self()) continue;
    if (auto claim = protocol::decode_claim(m.content); claim && m.id != claim_ && !protocol::is_void_claim(m.id, claim->stated_s)) {
      if (m.id.value > tip_epoch_) alone_ = false;
      if (m.id > claim_ && !options_.exclusive_by_lock) {
        stopped = base::error(errc::fenced, fmt::format("database {} is being opened by another dbcord process", options_.database));
      }
    }
    auto held = protocol::decode_held(m.content);
    if (base::has_bug(base::deliberate_bug::ignore_held)) continue;
    if (held && held->claim == claim_ && base::created_at(m.id) < protocol::held_before(claim_, {options_.lease, options_.staleness})) {
      stopped = base::error(errc::fenced,
                            fmt::format("database {} is in use: the dbcord process with claim {} writes it; stop that one first, or start this one with "
                                        "--take-over if that is out of your reach", options_.database, held->holder.value));
    }
  }
  if (stopped) co_return *stopped;
  co_return base::result<void>();
}

// Read again as long as it fails in a way that may pass.
actor::task<base::result<std::string>> log_opening::body_of(found_record& found, base::steady_time deadline) {
  for (;;) {
    auto body = co_await read_body(store_, found, request());
    if (body || !may_pass(body.error()) || env_.now() >= deadline) co_return body;
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

// A group whose body is lost is a loss; a body that cannot be had now is an error.
actor::task<void> log_opening::read_group(found_record& found, base::steady_time deadline, read_groups_result& out) {
  if (out.failure) co_return;
  auto body = co_await body_of(found, deadline);
  if (!body && !is_damage_of_body(body.error())) {
    out.failure = body.error();
    co_return;
  }
  const auto& header = found.record.header;
  auto transactions = body ? protocol::decode_transactions(*body) : body.error();
  if (transactions) {
    out.groups.emplace(header.lsn, recovered_group{header.lsn, found.message.id, std::move(*transactions)});
  } else {
    out.losses.emplace(header.lsn, fmt::format("log record {} (message {}) cannot be read, so its changes are lost: {}", header.lsn,
                                               found.message.id.str(), transactions.error().message));
  }
}

// Those with a file that no delta holds cost a request each: several at once.
actor::task<base::result<void>> log_opening::read_groups(chain& seen, base::steady_time deadline, recovered_log& out) {
  read_groups_result read;
  co_await read_deltas(seen, deadline, read);
  std::vector<found_record*> found;
  for (auto& record : seen.records) {
    const auto& header = record.record.header;
    if (header.kind == protocol::record_kind::group && !read.groups.contains(header.lsn)) found.push_back(&record);
  }
  co_await actor::each_at_once(found.size(), bodies_at_once, [&](std::size_t i) { return read_group(*found[i], deadline, read); });
  if (read.failure) co_return *read.failure;
  for (auto& [lsn, loss] : read.losses) {
    out.unreadable.insert(lsn);
    out.losses.push_back(std::move(loss));
  }
  for (auto& [lsn, group] : read.groups) out.groups.push_back(std::move(group));
  co_return base::result<void>();
}

// How many numbers may have been given behind what is left of a log whose end is lost. They are left out, since rows of lost records must not be taken for new
// ones. Time bounds them: no log grows by ten records a millisecond, not even on a local guild.
std::uint64_t log_opening::may_be_lost(const chain& seen) const {
  constexpr std::uint64_t clocks_differ = 1'000'000, most_per_ms = 10;
  auto tip = !seen.records.empty() ? seen.records.back().message.id : seen.manifest ? seen.manifest->record : claim_;
  auto ms = std::max<base::duration>(base::created_at(claim_) - base::created_at(tip), 0ms) / 1ms;
  return clocks_differ + most_per_ms * static_cast<std::uint64_t>(ms);
}

// A log that lacks something is only read, unless a person has accepted the loss.
actor::task<base::result<opened_log>> log_opening::go_on(chain seen, recovered_log& recovered, base::steady_time deadline) {
  auto next = (seen.records.empty() ? seen.anchor.lsn : seen.records.back().record.header.lsn) + 1;
  if (recovered.losses.empty() || options_.accept_loss) {
    if (seen.end_lost) {
      next = std::max(next + may_be_lost(seen), recovered.newest_scanned + 1);
      auto number = recovered.segments.back().number + 1;
      for (const auto& s : channels_.log) number = std::max(number, s.number + 1);  // above one that is empty: it would be missed again
      auto made = co_await channels_.make_segment(number);
      if (!made) co_return made.error();
      seen.channel = *made;
      recovered.segments.push_back({number, *made, next});
    }
    co_return co_await start(std::move(seen), next, deadline);
  }
  lease_.hold(claim_, seen.read_from, control_date_, control_asked_);
  // Nothing may stand in the newest segment yet, and nothing will.
  auto shows = seen.records.empty() ? base::channel_id() : seen.records.back().record.channel;
  lease_.follow(seen.end_lost ? base::channel_id() : seen.channel, seen.end_lost || shows == seen.channel ? base::channel_id() : shows);
  opened_log opened;
  opened.writable = false;
  opened.start.epoch = claim_.value;
  opened.start.lsn = std::max(next - 1, recovered.groups.empty() ? 0 : recovered.groups.back().lsn);  // so that what was found is published
  co_return opened;
}

// Rule 4 for a start: after an ambiguous answer another start with the same predecessor and a higher attempt.
actor::task<base::result<opened_log>> log_opening::start(chain seen, std::uint64_t lsn, base::steady_time deadline) {
  protocol::log_header header;
  header.kind = protocol::record_kind::start;
  header.epoch = claim_.value;
  header.previous = seen.records.empty() ? seen.anchor.hash : seen.records.back().record.header.hash;
  header.lsn = lsn;
  lease_.hold(claim_, seen.read_from, control_date_, control_asked_);
  lease_.follow(seen.channel, {});
  for (;;) {
    ++header.attempt;
    auto encoded = protocol::encode_record(header, fmt::format("**log {}** a process begins to write", header.lsn), "");
    new_message message;
    message.content = encoded.content;
    message.nonce = env_.random.token(20);
    auto sent = co_await store_.post(seen.channel, std::move(message), request());
    if (sent) {
      lease_.note_date(sent->date);
      lease_.note_written(sent->value.id);
      auto confirmed = co_await lease_.confirm(sent->date, deadline);
      if (!confirmed) co_return confirmed.error();
      opened_log opened;
      opened.start = encoded.header;
      opened.start_message = sent->value.id;
      co_return opened;
    }
    if (!may_pass(sent.error())) co_return sent.error();
    if (env_.now() >= deadline) co_return base::error(errc::unavailable, "the log could not be started: no answer from Discord");
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

}  // namespace dbcord::database
