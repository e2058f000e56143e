// The part of fencing_writer that holds the database: rules 4 and 6 to 9 of design.md section 6.

#include "simulation/fencing_writer.hpp"

#include <algorithm>

namespace dbcord::simulation {
namespace {

using kind = protocol::record_kind;
constexpr model_time check_backoff = 1'000, retry = 250, read_patience = 5'000, resend_after = 200;
constexpr int barriers_max = 40;
constexpr model_time for_ever = 1'000'000'000;

model_time ms(base::duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

}  // namespace

std::string_view name(fencing_weakness w) {
  static constexpr std::string_view names[] = {
      "none", "foreign_records_count", "unreadable_body_ends_the_chain", "segment_kept_after_roll", "lowest_start_counts",
      "lowest_attempt_counts", "message_order_decides", "epochs_mix", "anchor_is_not_acknowledged", "manifest_counts_by_itself",
      "dropped_before_its_checkpoint", "unknown_is_refusal", "unknown_is_success",
      "absence_in_the_tail_is_refusal", "attempts_stay", "any_barrier_will_do", "no_wait", "wait_without_lease",
      "wait_without_staleness", "read_before_the_wait", "any_tip_is_unclaimed", "other_claims_do_not_matter", "void_claims_count", "started_below_the_tip",
      "claims_are_ignored", "take_over_is_answered", "late_held_is_not_fatal", "late_held_counts", "held_is_ignored",
      "higher_claims_do_not_stop", "check_dates_from_its_answer", "unanswered_claim_is_clean", "claims_are_read_in_order",
      "canary_passes_unanswered_claims",
      "log_tail_is_not_read", "rolls_are_not_followed", "list_from_before_a_404_is_believed",
      "empty_history_is_believed", "unchecked_acknowledgement", "acknowledged_without_staleness",
      "acknowledged_without_grain", "reads_are_not_checked", "clock_from_arrival", "clock_guessed_at_start", "deleted_before_its_drop",
      "unchecked_drop", "drops_are_done_before_the_start", "release_is_not_final",
      "reads_go_on_while_releasing"};
  static_assert(std::size(names) == static_cast<std::size_t>(fencing_weakness::count));
  return names[static_cast<int>(w)];
}

int rule_of(fencing_weakness w) {
  using f = fencing_weakness;
  static constexpr std::pair<f, int> firsts[] = {{f::release_is_not_final, 9}, {f::unchecked_acknowledgement, 8},
      {f::check_dates_from_its_answer, 7}, {f::claims_are_ignored, 6}, {f::no_wait, 5}, {f::unknown_is_refusal, 4},
      {f::lowest_start_counts, 3}, {f::unreadable_body_ends_the_chain, 2}, {f::foreign_records_count, 1}};
  for (auto [first, rule] : firsts) {
    if (w >= first) return rule;
  }
  return 0;
}

std::string_view why_unbroken(fencing_weakness w) {
  using f = fencing_weakness;
  switch (w) {
    case f::drops_are_done_before_the_start:
      return "needs a process that dies between its deletion and its start, and another start; seen in run 1,155,917 of an earlier model";
    case f::clock_guessed_at_start:
      return "needs a lease far longer than the guess, a slow opening, an outage of that process alone, and a rival; broken in run 1,082,918";
    case f::void_claims_count: return "the rule protects progress: such a claim makes holder and claimants end, and is as good an epoch as any";
    case f::late_held_counts: return "the rule protects progress: the claimant ends, as the holder that said it does";
    case f::take_over_is_answered: return "the claimant ends instead of the holder";
    case f::acknowledged_without_grain: return "the second that Dates are short of is in the claimant's wait, too";
    default: return {};
  }
}

// ---- the lease ----

bool fencing_writer::covers(model_time date) const {
  if (fenced_) return false;
  if (weak(fencing_weakness::unchecked_acknowledgement)) return true;
  auto terms = terms_;
  if (weak(fencing_weakness::acknowledged_without_staleness)) terms.staleness = {};
  auto at = fencing_discord::to_system(date);
  if (weak(fencing_weakness::acknowledged_without_grain)) at -= protocol::date_grain;
  return protocol::covers(fencing_discord::to_system(clean_), at, terms);
}

model_time fencing_writer::latest_now() const { return checked_date_ + (discord_.now() - check_asked_); }

flow<bool> fencing_writer::confirm(model_time date, model_time patience) {
  auto until = discord_.now() + patience;
  while (!covers(date)) {
    if (fenced_ || discord_.now() >= until) co_return false;
    bool clean = co_await check();
    if (!clean && !fenced_) co_await sleep_for(check_backoff);
  }
  co_return true;
}

flow<bool> fencing_writer::check() {
  while (checking_) co_await sleep_for(20);
  checking_ = true;
  bool clean = co_await check_once();
  checking_ = false;
  co_return clean;
}

flow<bool> fencing_writer::check_once() {
  if (fenced_) co_return false;
  auto before = newest_, asked = discord_.now();
  auto control = co_await discord_.read(*this, fencing_discord::control);
  if (!control.ok()) co_return false;
  note(control.date);
  checked_date_ = control.date;
  check_asked_ = weak(fencing_weakness::clock_from_arrival) ? discord_.now() : asked;
  bool canary_seen = false;
  auto canary = canary_, next_canary = canary_;
  auto shown_until = protocol::surely_shown(fencing_discord::to_system(before), terms_);
  for (const auto& m : control.messages) {
    canary_seen = canary_seen || m->id == canary;
    bool sure = base::created_at(m->id) <= shown_until || weak(fencing_weakness::claims_are_read_in_order);
    if (m->id > next_canary && sure) next_canary = m->id;
  }
  if (!canary_seen && !weak(fencing_weakness::empty_history_is_believed)) {
    bool deleted = co_await canary_is_deleted();
    if (!deleted) co_return false;
    // The list may have been empty for want of a permission, which is there again by now: or is not any more, so what the first one shows counts as well.
    if (!weak(fencing_weakness::list_from_before_a_404_is_believed)) {
      auto again = co_await discord_.read(*this, fencing_discord::control);
      if (!again.ok()) co_return false;
      for (auto& m : again.messages) {
        auto same = [&](const auto& o) { return o->id == m->id; };
        if (std::none_of(control.messages.begin(), control.messages.end(), same)) control.messages.push_back(std::move(m));
      }
    }
  }
  if (weak(fencing_weakness::canary_passes_unanswered_claims)) canary_ = next_canary;
  for (auto& m : control.messages) {
    auto id = m->id;
    if (id < canary || id <= claim_ || std::find(judged_.begin(), judged_.end(), id) != judged_.end()) continue;
    bool counts = m->claim && (weak(fencing_weakness::void_claims_count) || !protocol::is_void_claim(id, m->claim->stated_s));
    if (counts && !weak(fencing_weakness::claims_are_ignored)) {
      bool answered = co_await answer_claim(std::move(m));
      if (fenced_) co_return false;
      if (!answered && !weak(fencing_weakness::unanswered_claim_is_clean)) co_return false;
    }
    judged_.push_back(id);
  }
  canary_ = next_canary;  // never past a claim that still needs an answer
  if (!weak(fencing_weakness::log_tail_is_not_read)) {
    bool read = co_await check_log();
    if (!read || fenced_) co_return false;
  }
  clean_ = std::max(clean_, weak(fencing_weakness::check_dates_from_its_answer) ? newest_ : before);
  co_return true;
}

// The log's tail, and those to which rolls lead that stand there: behind one of ours that is in doubt somebody may have begun.
flow<bool> fencing_writer::check_log() {
  std::vector<int> tails{segment_};
  for (std::size_t i = 0; i < tails.size(); ++i) {
    auto log = co_await discord_.read(*this, tails[i]);
    if (!log.ok()) co_return false;
    note(log.date);
    if (is_hidden(log, tails[i])) co_return false;
    for (const auto& m : log.messages) {
      bool counts = m->ours || weak(fencing_weakness::foreign_records_count);
      if (!counts || !m->record) continue;
      const auto& chain = m->record->chain;
      if (chain.header.epoch > claim_.value) fence();
      bool leads_on = chain.header.kind == kind::roll && !weak(fencing_weakness::rolls_are_not_followed);
      auto to = static_cast<int>(chain.roll_to.value) - 1;
      if (leads_on && std::find(tails.begin(), tails.end(), to) == tails.end()) tails.push_back(to);
    }
    if (fenced_) co_return false;
  }
  co_return true;
}

// As writer_lease::canary_missing. Of one that nobody has deleted an answer says nothing that matters: it is not asked for.
flow<bool> fencing_writer::canary_is_deleted() {
  if (!discord_.is_deleted_by_hand(canary_)) co_return false;
  auto looked = co_await discord_.fetch(*this, canary_);
  co_return looked.what == model_answer::kind::gone;
}

flow<bool> fencing_writer::answer_claim(model_message_ptr claim) {
  auto last_moment = protocol::held_before(claim->id, terms_);
  bool take_over = claim->claim->take_over && !weak(fencing_weakness::take_over_is_answered);
  bool late = fencing_discord::to_system(newest_) >= last_moment;
  if (take_over || (late && !weak(fencing_weakness::late_held_is_not_fatal))) {
    fence();
    co_return false;
  }
  model_message held;
  held.held = protocol::held_record{claim->id, claim_};
  auto sent = co_await discord_.post(*this, fencing_discord::control, std::move(held));
  if (!sent.ok()) co_return false;
  note(sent.date);
  if (base::created_at(sent.id) >= last_moment && !weak(fencing_weakness::late_held_is_not_fatal)) fence();
  co_return !fenced_;
}

flow<void> fencing_writer::keep() {
  while (!fenced_ && !released_) {
    co_await sleep_for(ms(terms_.lease) / 3);
    if (!fenced_ && !released_) co_await check();
  }
}

flow<void> fencing_writer::reads() {
  while (!fenced_ && !released_) {
    co_await sleep_for(200 + discord_.random.below(1500));
    auto asked = discord_.now();
    bool covered = weak(fencing_weakness::reads_are_not_checked);
    if (!covered) covered = co_await confirm(latest_now(), read_patience);
    if (covered && !fenced_ && !released_) events_.read(asked, state_);
  }
}

// ---- the log ----

model_record fencing_writer::next(kind k, model_record body) {
  model_record r = std::move(body);
  auto& h = r.chain.header;
  h.kind = k;
  h.epoch = claim_.value;
  bool stays = weak(fencing_weakness::attempts_stay) && k == kind::barrier;
  h.attempt = stays ? attempt_ : ++attempt_;
  h.lsn = tip_.lsn + 1;
  h.previous = tip_.hash;
  h.hash = std::to_string(claim_.value & 0xFFFFFF) + "." + std::to_string(++hash_count_);
  return r;
}

// As rest_message_store: after an ambiguous answer once more, the same message. Whether the nonce still holds is chance.
flow<model_answer> fencing_writer::post_record(model_record r) {
  model_message m;
  m.record = r;
  auto first = co_await discord_.post(*this, segment_, m);
  if (first.what != model_answer::kind::unknown) co_return first;
  co_await sleep_for(resend_after);
  const auto& there = discord_.messages(segment_);
  auto same = std::find_if(there.begin(), there.end(), [&](const auto& o) { return o->record && o->record->chain.header.hash == r.chain.header.hash; });
  if (same != there.end() && discord_.random.chance(80)) {
    first.id = (*same)->id;
    co_await sleep_for(50);
    first.what = model_answer::kind::answered;
    first.date = discord_.now() / 1000 * 1000;
    co_return first;
  }
  auto second = co_await discord_.post(*this, segment_, std::move(m));
  if (second.what == model_answer::kind::refused) second.what = model_answer::kind::unknown;  // says nothing of the first
  co_return second;
}

void fencing_writer::adopt(const model_record& r) {
  tip_ = r.chain.header;
  if (r.chain.header.kind == kind::roll && !weak(fencing_weakness::segment_kept_after_roll)) {
    segment_ = static_cast<int>(r.chain.roll_to.value) - 1;
    segments_.push_back(segment_);
  }
  std::erase(segments_, r.dropped);
}

flow<void> fencing_writer::write() {
  auto& random = discord_.random;
  auto think = 100 + random.below(1'500);
  while (!fenced_) {
    co_await sleep_for(random.below(2 * think));
    if (fenced_) break;
    if (random.chance(often_.releases)) {
      bool gone = co_await release();
      if (gone) co_return;
      continue;
    }
    if (random.chance(often_.checkpoint_steps)) {
      bool goes_on = co_await checkpoint_step();
      if (!goes_on) co_return;
      continue;
    }
    bool roll = random.chance(often_.rolls);
    model_record body;
    if (!roll) body.group = events_.new_group();
    auto outcome = co_await append(roll ? kind::roll : kind::group, body);
    if (outcome == 0 && !roll) events_.failed(body.group);
    if (outcome < 0) co_return;  // the tip is not known any more
    if (outcome == 1 && !roll) {
      state_.push_back(body.group);
      events_.acknowledged(body.group);
    }
  }
}

flow<int> fencing_writer::append(kind k, model_record body) {
  for (int i = 0; i < 4; ++i) {
    auto record = next(k, body);
    if (k == kind::roll) record.chain.roll_to = model_channel(discord_.add_segment());
    auto sent = co_await post_record(record);
    if (sent.what == model_answer::kind::refused) {
      co_await sleep_for(retry);
      continue;
    }
    if (!sent.ok() && weak(fencing_weakness::unknown_is_refusal)) co_return 0;
    if (!sent.ok() && !weak(fencing_weakness::unknown_is_success)) {
      auto resolved = co_await resolve(record);
      if (resolved == 0) {
        if (discord_.random.chance(50)) co_return 0;
        continue;
      }
      co_return resolved;
    }
    note(sent.date);
    if (weak(fencing_weakness::anchor_is_not_acknowledged) && discord_.random.chance(20)) co_await checkpoint_of_what_is_not_acknowledged(record);
    bool covered = k == kind::drop && weak(fencing_weakness::unchecked_drop);
    if (!covered) covered = co_await confirm(sent.date, for_ever);
    if (!covered) co_return -1;
    adopt(record);
    co_return 1;
  }
  co_return 0;
}

// Rule 4: the tail shows it, or an answered barrier with a higher attempt voids it.
flow<int> fencing_writer::resolve(model_record record) {
  auto look = co_await discord_.read(*this, segment_);
  auto shows = [&](const model_record& r) {
    return std::any_of(look.messages.begin(), look.messages.end(), [&](const auto& m) { return m->record && m->record->chain.header.hash == r.chain.header.hash; });
  };
  if (look.ok()) {
    note(look.date);
    if (shows(record)) {
      bool covered = co_await confirm(newest_, for_ever);
      if (!covered) co_return -1;
      adopt(record);
      co_return 1;
    }
    if (weak(fencing_weakness::absence_in_the_tail_is_refusal)) co_return 0;
  }
  for (int i = 0; i < barriers_max && !fenced_; ++i) {
    auto barrier = next(kind::barrier);
    auto sent = co_await post_record(barrier);
    if (sent.ok()) {
      note(sent.date);
      bool covered = co_await confirm(sent.date, for_ever);
      if (!covered) co_return -1;
      adopt(barrier);
      co_return 0;
    }
    if (weak(fencing_weakness::any_barrier_will_do) && sent.what == model_answer::kind::unknown) {
      // Another one goes out, and the first is taken when it shows.
      auto another = next(kind::barrier);
      auto second = co_await post_record(another);
      look = co_await discord_.read(*this, segment_);
      if (look.ok() && shows(barrier)) {
        adopt(barrier);
        co_return 0;
      }
      if (second.ok()) {
        adopt(another);
        co_return 0;
      }
    }
    co_await sleep_for(retry);
  }
  co_return -1;
}

flow<bool> fencing_writer::release() {
  auto r = next(kind::release);
  events_.releasing(number);
  // Before it is sent: whoever sees it need not wait for the lease.
  released_ = !weak(fencing_weakness::release_is_not_final) && !weak(fencing_weakness::reads_go_on_while_releasing);
  auto sent = co_await post_record(r);
  if (weak(fencing_weakness::release_is_not_final) && sent.ok()) {
    note(sent.date);
    bool covered = co_await confirm(sent.date, for_ever);
    if (covered) adopt(r);
    co_return !covered;
  }
  released_ = true;
  co_return true;
}

}  // namespace dbcord::simulation
