// The part of fencing_writer that becomes the writer: rules 1 to 6 of design.md section 6.

#include <algorithm>

#include "simulation/fencing_writer.hpp"

namespace dbcord::simulation {
namespace {

using kind = protocol::record_kind;
constexpr model_time opening_retry = 500, claim_attempts = 10, give_up_after = 90'000;
constexpr int reads_max = 8;  // as log_opening, of a log that lacks something: a listing may be older than what was read behind it
constexpr std::uint64_t highest = ~std::uint64_t{0};

}  // namespace

protocol::chain_anchor model_anchor() { return {0, 0, 0, "anchor", model_channel(0)}; }

void fencing_writer::start() {
  alive_ = true;
  newest_ = discord_.now() / 1000 * 1000;  // of the answer that names the channels
  checked_date_ = check_asked_ = clean_ = 0;
  claim_ = canary_ = {};
  judged_.clear();
  alone_ = true;
  fenced_ = checking_ = released_ = false;
  tip_epoch_ = attempt_ = 0;
  tip_ = {};
  segment_ = 0;
  state_.clear();
  segments_.clear();
  captured_.reset();
  posted_.reset();
  kept_.clear();
  work_.clear();
  work_.push_back(life());
  work_.back().start();
}

void fencing_writer::crash() {
  alive_ = false;
  ++generation;
  work_.clear();
}

flow<void> fencing_writer::life() {
  if (co_await open()) {
    events_.opened();
    for (auto part : {&fencing_writer::keep, &fencing_writer::reads}) {
      auto other = (this->*part)();
      work_.push_back(std::move(other));
      discord_.at(discord_.now(), [this, mine = generation, index = work_.size() - 1] {
        if (generation == mine) work_[index].start();
      });
    }
    co_await write();
  }
  discord_.at(discord_.now(), [this, mine = generation] {
    if (generation != mine) return;
    crash();
    events_.ended(number);
  });
}

flow<bool> fencing_writer::open() {
  auto seen = co_await claim_and_read();
  if (!seen) co_return false;
  // Checkpoints and what records hold are downloaded meanwhile.
  if (discord_.random.chance(often_.slow_openings)) co_await sleep_for(discord_.random.below(60'000));
  bool early = weak(fencing_weakness::drops_are_done_before_the_start);
  bool started = false;
  if (!early) started = co_await start_epoch(*seen);
  if (!early && !started) co_return false;
  // Those of the process before, that may have ended before it came to it.
  for (const auto& r : seen->chain) {
    auto dropped = r->record->dropped;
    if (dropped >= 0 && !discord_.is_gone(dropped)) co_await remove(dropped);
  }
  if (early) started = co_await start_epoch(*seen);
  co_return started;
}

// Of two starts that with the higher epoch counts: where the log has a higher one than our claim, and nobody's claim that says so, ours is of no use.
flow<std::optional<fencing_writer::tail>> fencing_writer::claim_and_read() {
  for (;;) {
    bool claimed = co_await claim();
    if (!claimed) co_return std::nullopt;
    auto seen = co_await wait_and_read();
    if (!seen || claim_.value > tip_epoch_ || weak(fencing_weakness::started_below_the_tip)) co_return seen;
    co_await sleep_for(opening_retry);
  }
}

flow<bool> fencing_writer::claim() {
  for (int i = 0; i < claim_attempts; ++i) {
    model_message m;
    auto stated = std::chrono::duration_cast<std::chrono::seconds>(fencing_discord::to_system(newest_).time_since_epoch()).count();
    m.claim = protocol::claim_record{"", stated, discord_.random.chance(20)};
    auto sent = co_await discord_.post(*this, fencing_discord::control, std::move(m));
    if (sent.ok()) {
      note(sent.date);
      claim_ = sent.id;
      if (weak(fencing_weakness::void_claims_count) || !protocol::is_void_claim(claim_, stated)) co_return true;
    }
    co_await sleep_for(opening_retry);
  }
  co_return false;
}

flow<std::optional<fencing_writer::tail>> fencing_writer::wait_and_read() {
  auto give_up = discord_.now() + give_up_after;
  std::optional<tail> early;
  int incomplete = 0;
  while (discord_.now() < give_up) {
    auto before = newest_;
    auto seen = co_await read_chain();
    int control = 1;
    if (seen) control = co_await read_control();
    if (control == 2) co_return std::nullopt;
    if (!seen || control == 1) {
      co_await sleep_for(opening_retry);
      continue;
    }
    seen->read_from = before;
    auto from = due(*seen);
    if (weak(fencing_weakness::read_before_the_wait)) {
      if (!early) early = *seen;
      if (before >= from) co_return early;
    }
    if (before >= from && seen->nothing_to_stand_on && ++incomplete < reads_max) {
      co_await sleep_for(opening_retry);
      continue;
    }
    if (before >= from && seen->nothing_to_stand_on) {
      events_.found_nothing_to_stand_on();
      co_return std::nullopt;
    }
    if (before >= from) co_return seen;
    co_await sleep_for(std::max(from - newest_, opening_retry));
  }
  co_return std::nullopt;
}

model_time fencing_writer::due(const tail& seen) const {
  if (weak(fencing_weakness::no_wait)) return 0;
  bool released = seen.chain.empty() || seen.chain.back()->record->chain.header.kind == kind::release;
  if (seen.nothing_to_stand_on) released = false;
  if (weak(fencing_weakness::any_tip_is_unclaimed)) released = true;
  bool alone = alone_ || weak(fencing_weakness::other_claims_do_not_matter);
  auto terms = terms_;
  if (weak(fencing_weakness::wait_without_staleness)) terms.staleness = {};
  if (weak(fencing_weakness::wait_without_lease)) terms.lease /= 2;
  return fencing_discord::to_model(protocol::may_start_at(claim_, released && alone, terms));
}

flow<int> fencing_writer::read_control() {
  auto asked = discord_.now();
  auto shown = co_await discord_.read(*this, fencing_discord::control);
  if (!shown.ok()) co_return 1;
  note(shown.date);
  checked_date_ = shown.date;
  check_asked_ = asked;
  alone_ = true;
  bool mine = false, stopped = false;
  for (const auto& m : shown.messages) {
    auto id = m->id;
    mine = mine || id == claim_;
    bool counts = m->claim && id != claim_ && (weak(fencing_weakness::void_claims_count) || !protocol::is_void_claim(id, m->claim->stated_s));
    if (counts && id.value > tip_epoch_) alone_ = false;
    if (counts && id > claim_ && !weak(fencing_weakness::higher_claims_do_not_stop)) stopped = true;
    if (!m->held || m->held->claim != claim_ || weak(fencing_weakness::held_is_ignored)) continue;
    if (weak(fencing_weakness::late_held_counts) || base::created_at(id) < protocol::held_before(claim_, terms_)) stopped = true;
  }
  if (!mine && !weak(fencing_weakness::empty_history_is_believed)) co_return 1;
  co_return stopped ? 2 : 0;
}

flow<std::optional<fencing_writer::tail>> fencing_writer::read_chain() {
  auto listed = co_await discord_.read(*this, fencing_discord::checkpoints);
  if (!listed.ok() || is_hidden(listed, fencing_discord::checkpoints)) co_return std::nullopt;
  note(listed.date);
  auto found = co_await read_log();
  if (!found) co_return std::nullopt;
  bool damaged = discord_.random.chance(2);
  auto what = view(listed.messages, *found);
  tail seen;
  seen.nothing_to_stand_on = !what.base && discord_.is_gone(0);
  seen.base = std::move(what.base);
  seen.segments = seen.base ? seen.base->manifest->segments : std::vector<int>{0};
  for (auto i : what.valid) {
    const auto& r = *(*found)[i]->record;
    bool unreadable = damaged && r.group >= 0 && discord_.random.chance(20);
    if (unreadable && weak(fencing_weakness::unreadable_body_ends_the_chain)) break;
    if (unreadable) co_return std::nullopt;
    if (r.chain.header.kind == kind::roll) seen.segments.push_back(static_cast<int>(r.chain.roll_to.value) - 1);
    std::erase(seen.segments, r.dropped);
    seen.chain.push_back((*found)[i]);
  }
  auto anchored = seen.base ? seen.base->manifest->anchor.epoch : 0;
  tip_epoch_ = seen.chain.empty() ? anchored : seen.chain.back()->record->chain.header.epoch;
  co_return seen;
}

flow<std::optional<std::vector<model_message_ptr>>> fencing_writer::read_log() {
  std::vector<model_message_ptr> found;
  for (int segment = 0; segment < discord_.segments(); ++segment) {
    if (discord_.is_gone(segment)) continue;
    auto shown = co_await discord_.read(*this, segment);
    if (shown.what == model_answer::kind::gone) continue;
    if (!shown.ok() || is_hidden(shown, segment)) co_return std::nullopt;
    note(shown.date);
    for (auto& m : shown.messages) {
      if (m->record && (m->ours || weak(fencing_weakness::foreign_records_count))) found.push_back(std::move(m));
    }
  }
  co_return found;
}

bool fencing_writer::is_hidden(const model_answer& shown, int channel) const {
  return shown.messages.empty() && !discord_.is_empty(channel) && !weak(fencing_weakness::empty_history_is_believed);
}

// A broken rule of the chain is shown to the pure function as another log.
std::vector<protocol::chain_record> fencing_writer::chain_of(const std::vector<model_message_ptr>& records) const {
  std::vector<protocol::chain_record> chain;
  chain.reserve(records.size());
  for (const auto& r : records) chain.push_back(r->record->chain);
  if (weak_ == fencing_weakness::none) return chain;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    auto& h = chain[i].header;
    if (weak(fencing_weakness::lowest_start_counts)) h.epoch = highest - h.epoch;
    if (weak(fencing_weakness::lowest_attempt_counts)) h.attempt = highest - h.attempt;
    if (weak(fencing_weakness::message_order_decides)) h.attempt = highest - i;
    if (weak(fencing_weakness::epochs_mix)) {
      h.epoch = 1;
      if (h.kind == kind::start) h.kind = kind::barrier;
    }
    if (weak(fencing_weakness::release_is_not_final) && h.kind == kind::release) h.kind = kind::barrier;
  }
  return chain;
}

std::vector<std::size_t> fencing_writer::valid_of(protocol::chain_anchor anchor, const std::vector<protocol::chain_record>& chain) const {
  bool beginning = anchor.hash == model_anchor().hash;
  if (weak(fencing_weakness::lowest_start_counts) && !beginning) anchor.epoch = highest - anchor.epoch;
  if (weak(fencing_weakness::epochs_mix)) anchor.epoch = beginning ? 0 : 1;
  return protocol::valid_chain(anchor, chain);
}

std::vector<std::size_t> fencing_writer::valid(const protocol::chain_anchor& anchor, const std::vector<model_message_ptr>& records) const {
  return valid_of(anchor, chain_of(records));
}

// The checkpoint of the highest LSN counts if the log behind its anchor names it; else the one before, in the end all of the log.
model_view fencing_writer::view(const std::vector<model_message_ptr>& checkpoints, const std::vector<model_message_ptr>& records) const {
  auto candidates = checkpoints;
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a->manifest->anchor.lsn > b->manifest->anchor.lsn; });
  auto chain = chain_of(records);
  for (const auto& m : candidates) {
    auto counted = valid_of(m->manifest->anchor, chain);
    auto names_it = [&](std::size_t i) { return records[i]->record->manifest == m->manifest->hash; };
    bool counts = weak(fencing_weakness::manifest_counts_by_itself) || std::any_of(counted.begin(), counted.end(), names_it);
    if (counts) return {m, std::move(counted)};
  }
  return {nullptr, valid_of(model_anchor(), chain)};
}

flow<bool> fencing_writer::start_epoch(const tail& seen) {
  if (seen.base) {
    state_ = seen.base->manifest->state;
    kept_.push_back(seen.base);
  }
  for (const auto& r : seen.chain) {
    if (r->record->group >= 0) state_.push_back(r->record->group);
  }
  if (seen.chain.empty()) {
    auto anchor = seen.base ? seen.base->manifest->anchor : model_anchor();
    tip_.lsn = anchor.lsn;
    tip_.hash = anchor.hash;
  } else {
    tip_ = seen.chain.back()->record->chain.header;
  }
  tip_.epoch = claim_.value;
  segments_ = seen.segments;
  segment_ = segments_.back();
  canary_ = claim_;
  clean_ = seen.read_from;
  if (weak(fencing_weakness::clock_guessed_at_start)) {
    checked_date_ = newest_;
    check_asked_ = discord_.now() - 20'000;
  }
  for (int i = 0; i < claim_attempts; ++i) {
    auto r = next(kind::start);
    auto sent = co_await post_record(r);
    if (sent.ok()) {
      note(sent.date);
      if (!co_await confirm(sent.date, 60'000)) co_return false;
      adopt(r);
      co_return true;
    }
    co_await sleep_for(opening_retry);
  }
  co_return false;
}

}  // namespace dbcord::simulation
