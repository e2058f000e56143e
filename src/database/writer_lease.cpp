#include "database/writer_lease.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "actor/event.hpp"
#include "database/log_reader.hpp"
#include "protocol/control_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration check_backoff = 1s;
constexpr base::duration date_disorder = 10s;
constexpr base::duration date_rounding = 2s;     // generously
constexpr int tail_looked_at = 50;               // messages; a start is preceded by a claim, this is the second look

}  // namespace

// One wrong Date (a proxy's, say) must not stretch the lease: a later answer that is well before it shows that it was wrong. What comes late, behind others, does the
// same for a moment, and costs no more than a check.
void writer_lease::note_date(base::system_time date) {
  if (date == base::system_time{}) return;
  bool was_wrong = date + date_disorder < newest_date_;
  if (was_wrong) last_clean_ = std::min(last_clean_, date);
  newest_date_ = was_wrong ? date : std::max(newest_date_, date);
}

base::system_time writer_lease::latest_now() const {
  auto reckoned = checked_date_ + (env_.now() - check_asked_);
  if (base::has_bug(base::deliberate_bug::trust_a_stopped_clock)) return reckoned;
  return std::max(reckoned, env_.clock.wall_now());
}

void writer_lease::note_check(base::system_time date, base::steady_time asked) {
  note_date(date);
  checked_date_ = date;
  check_asked_ = asked;
}

void writer_lease::hold(base::message_id claim, base::system_time clean, base::system_time date, base::steady_time asked) {
  epoch_ = claim;
  canary_ = claim;
  last_clean_ = clean;
  note_check(date, asked);
}

bool writer_lease::covers(base::system_time date) const { return !fenced_ && protocol::covers(last_clean_, date, terms()); }

actor::task<base::result<void>> writer_lease::confirm(base::system_time date, base::steady_time deadline, bool patient) {
  if (base::has_bug(base::deliberate_bug::acknowledge_without_lease) && !fenced_) co_return base::result<void>();
  if (date == base::system_time{}) date = latest_now();
  std::string why = "Discord did not answer in time";
  bool hopeless = false;
  for (int clean_ones = 0; !covers(date);) {
    if (fenced_) co_return *fenced_;
    if (env_.now() >= deadline || hopeless) {
      co_return base::error(errc::unavailable, fmt::format("nothing is shown and nothing was done: whether another dbcord process writes database {} cannot be asked "
                                                           "now ({})", options_.database, why));
    }
    auto checked = co_await check();
    hopeless = !patient && !checked && checked.error().code == store_errc::forbidden;
    if (!checked) why = checked.error().message;
    else date = std::min(date, checked_date_ + date_rounding);  // it was asked behind that
    // Behind idle time the first one counts from the last answer before it, the second from the first.
    bool enough = checked && ++clean_ones < 2;
    if (!enough && !hopeless && !fenced_ && !covers(date)) co_await actor::sleep_for(env_, check_backoff);
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::check() {
  auto begun = checks_begun_;
  auto turn = co_await checking_.lock();
  if (fenced_) co_return *fenced_;
  if (checks_begun_ == begun) {
    ++checks_begun_;
    auto checked = co_await check_now();
    last_check_ = checked;
  }
  co_return last_check_;
}

actor::task<base::result<void>> writer_lease::check_now() {
  auto asked_at = newest_date_;
  call_options options{priority::commit, env_.after(log_request_time)};
  auto control = co_await check_control(options);
  if (!control) co_return control.error();
  auto log = co_await check_log(options);
  if (!log) co_return log.error();
  last_clean_ = std::max(last_clean_, std::min(asked_at, newest_date_));
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::check_control(call_options options) {
  auto before = newest_date_;
  auto asked = env_.now();
  base::message_id from{canary_.value - 1};
  auto messages = co_await read_all(store_, options_.control, from, options);
  if (!messages) co_return messages.error();
  if (messages->date == base::system_time{}) co_return base::error(errc::unavailable, "Discord's answer does not say what time it is");
  note_check(messages->date, asked);
  auto& shown = messages->value;
  bool canary_seen = std::any_of(shown.begin(), shown.end(), [&](const auto& m) { return m.id == canary_; });
  if (!canary_seen) {
    auto explained = co_await canary_missing(shown, options);
    if (!explained) co_return explained;
  }
  auto next = canary_;
  for (const auto& m : shown) {
    if (m.id > next && base::created_at(m.id) <= protocol::surely_shown(before, terms())) next = m.id;
  }
  auto judged = co_await judge_claims(std::move(shown), options);
  if (judged) canary_ = next;  // never past a claim that still needs an answer
  co_return judged;
}

// Deleted by hand is one thing (whoever may fetch may also list); not shown is another, and such a check is not clean. The list may have been short for want of
// a permission that is there again by the time of the 404, or is lost again behind it: what either list shows counts.
actor::task<base::result<void>> writer_lease::canary_missing(std::vector<stored_message>& shown, call_options options) {
  if (base::has_bug(base::deliberate_bug::trust_an_empty_answer)) co_return base::result<void>();
  auto looked = co_await store_.fetch(options_.control, canary_, options);
  if (!looked && looked.error().code == store_errc::forbidden) co_return looked.error();  // it names the permission
  if (looked || looked.error().code != store_errc::not_found) {
    co_return base::error(errc::unavailable, "the control channel does not show what stands in it");
  }
  base::message_id from{canary_.value - 1};
  auto again = co_await read_all(store_, options_.control, from, options);
  if (!again) co_return again.error();
  for (auto& m : again->value) {
    bool known = std::any_of(shown.begin(), shown.end(), [&](const auto& other) { return other.id == m.id; });
    if (!known) shown.push_back(std::move(m));
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::judge_claims(std::vector<stored_message> shown, call_options options) {
  if (base::has_bug(base::deliberate_bug::skip_claim_check)) shown.clear();
  for (const auto& m : shown) {
    if (m.id <= epoch_ || m.author != store_.self() || judged_.contains(m.id)) continue;
    auto claim = protocol::decode_claim(m.content);
    if (claim && !protocol::is_void_claim(m.id, claim->stated_s)) {
      auto answered = co_await answer_claim(m.id, claim->take_over, options);
      if (!answered) co_return answered.error();
    }
    judged_.insert(m.id);
  }
  std::erase_if(judged_, [this](base::message_id m) { return m < canary_; });
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::answer_claim(base::message_id claim, bool take_over, call_options options) {
  auto last_moment = protocol::held_before(claim, terms());
  if (take_over || newest_date_ >= last_moment) co_return fence("another dbcord process has taken this database over");
  new_message held;
  held.content = protocol::encode_held({claim, epoch_});
  held.nonce = env_.random.token(20);
  auto sent = co_await store_.post(options_.control, std::move(held), options);
  if (!sent && base::has_bug(base::deliberate_bug::unanswered_held_is_clean)) co_return base::result<void>();
  if (!sent) co_return sent.error();  // not clean; the next check tries again
  note_date(sent->date);
  if (base::created_at(sent->value.id) >= last_moment) {
    co_return fence("another dbcord process has taken this database over; its claim was answered too late");
  }
  env_.log.warning("claim of another process answered", {{"database", options_.database}, {"claim", claim.value}});
  co_return base::result<void>();
}

void writer_lease::follow(base::channel_id log, base::channel_id before) {
  log_ = log;
  before_log_ = before;
  roll_target_ = {};
  log_empty_ = true;
}

actor::task<base::result<void>> writer_lease::check_log(call_options options) {
  if (!log_) co_return base::result<void>();
  if (roll_target_) {
    auto target = co_await check_segment(roll_target_, options);
    if (!target) co_return target.error();
  }
  auto shown = co_await check_segment(log_, options);
  if (!shown) co_return shown.error();
  if (*shown) co_return base::result<void>();
  // A new segment: that another channel can be read tells an empty one from a hidden one.
  if (log_empty_ && before_log_) shown = co_await check_segment(before_log_, options);
  if (!shown) co_return shown.error();
  bool trusting = base::has_bug(base::deliberate_bug::trust_an_empty_answer);
  if (!*shown && !trusting) co_return co_await log_not_shown(options);
  co_return base::result<void>();
}

// A list that is empty for want of a permission does not say so; what is fetched says which.
actor::task<base::error> writer_lease::log_not_shown(call_options options) {
  if (record_) {
    auto looked = co_await store_.fetch(record_channel_, record_, options);
    if (!looked && looked.error().code == store_errc::forbidden) co_return looked.error();
  }
  co_return base::error(errc::unavailable, "the log channel does not show what stands in it");
}

// Whether it shows anything.
actor::task<base::result<bool>> writer_lease::check_segment(base::channel_id channel, call_options options) {
  auto tail = co_await store_.history_before(channel, {}, tail_looked_at, options);
  if (!tail) co_return tail.error();
  note_date(tail->date);
  for (const auto& m : tail->value) {
    auto found = as_record(store_, m);
    if (found && found->record.header.epoch > epoch_.value) co_return fence("another dbcord process writes this database now");
  }
  co_return !tail->value.empty();
}

base::error writer_lease::fence(std::string why) {
  env_.log.error("fenced", {{"database", options_.database}, {"why", why}});
  fenced_ = base::error(errc::fenced, fmt::format("database {} is closed here: {}; what was asked a moment ago may have been done there",
                                                   options_.database, why));
  return *fenced_;
}

}  // namespace dbcord::database
