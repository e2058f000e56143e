#include "database/writer_lease.hpp"

#include <fmt/format.h>

#include "actor/event.hpp"
#include "database/log_reader.hpp"
#include "protocol/control_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration date_grain = 1s;        // HTTP dates are whole seconds
constexpr base::duration claim_travel_max = 10s; // rule 5
constexpr base::duration held_margin = 2s;       // rule 6
constexpr base::duration check_backoff = 1s;
constexpr int log_tail = 50;                     // messages; a start is preceded by a claim, this is the second look

}  // namespace

bool is_void_claim(base::message_id claim, std::int64_t stated_s) {
  return base::created_at(claim) > base::system_time(std::chrono::seconds(stated_s)) + claim_travel_max;
}

void writer_lease::note_date(base::system_time date) {
  if (date <= newest_date_) return;
  newest_date_ = date;
  newest_date_seen_ = env_.now();
}

void writer_lease::hold(base::message_id claim, base::system_time clean) {
  epoch_ = claim;
  control_read_to_ = claim;
  last_clean_ = clean;
}

bool writer_lease::covers(base::system_time date) const {
  return !fenced_ && date + date_grain < last_clean_ + options_.lease - options_.staleness;
}

actor::task<base::result<void>> writer_lease::confirm(base::system_time date, base::steady_time deadline) {
  while (!covers(date)) {
    if (fenced_) co_return *fenced_;
    if (env_.now() >= deadline) {
      co_return base::error(errc::outcome_unknown, "Discord could not be asked in time whether another process writes this database");
    }
    auto checked = co_await check();
    if (!checked && !fenced_) co_await actor::sleep_for(env_, check_backoff);
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::check() {
  auto turn = co_await checking_.lock();
  if (fenced_) co_return *fenced_;
  auto asked_at = newest_date_;
  call_options options{priority::commit, env_.after(log_request_time)};
  auto control = co_await check_control(options);
  if (!control) co_return control.error();
  auto log = co_await check_log(options);
  if (!log) co_return log.error();
  last_clean_ = std::max(last_clean_, asked_at);
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::check_control(call_options options) {
  auto messages = co_await read_all(store_, options_.control, control_read_to_, options);
  if (!messages) co_return messages.error();
  note_date(messages->date);
  for (const auto& m : messages->value) {
    auto claim = m.author == store_.self() ? protocol::decode_claim(m.content) : std::nullopt;
    if (claim && m.id > epoch_ && !is_void_claim(m.id, claim->stated_s)) {
      auto answered = co_await answer_claim(m.id, claim->take_over, options);
      if (!answered) co_return answered.error();
    }
    control_read_to_ = m.id;
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::answer_claim(base::message_id claim, bool take_over, call_options options) {
  auto last_moment = base::created_at(claim) + options_.lease - held_margin;
  if (take_over || newest_date_ >= last_moment) co_return fence("another dbcord process has taken this database over");
  new_message held;
  held.content = protocol::encode_held({claim, epoch_});
  held.nonce = env_.random.token(20);
  auto sent = co_await store_.post(options_.control, std::move(held), options);
  if (!sent) co_return sent.error();  // not clean; the next check tries again
  note_date(sent->date);
  if (base::created_at(sent->value.id) >= last_moment) {
    co_return fence("another dbcord process has taken this database over; its claim was answered too late");
  }
  env_.log.warning("claim of another process answered", {{"database", options_.database}, {"claim", claim.value}});
  co_return base::result<void>();
}

actor::task<base::result<void>> writer_lease::check_log(call_options options) {
  auto tail = co_await store_.history_before(options_.log, {}, log_tail, options);
  if (!tail) co_return tail.error();
  note_date(tail->date);
  for (const auto& m : tail->value) {
    auto found = as_record(store_, m);
    if (found && found->record.header.epoch > epoch_.value) co_return fence("another dbcord process writes this database now");
  }
  co_return base::result<void>();
}

base::error writer_lease::fence(std::string why) {
  env_.log.error("fenced", {{"database", options_.database}, {"why", why}});
  fenced_ = base::error(errc::fenced, fmt::format("database {} is closed here: {}", options_.database, why));
  return *fenced_;
}

}  // namespace dbcord::database
