#include "protocol/gateway_session.hpp"

#include <algorithm>

#include "protocol/gateway_payloads.hpp"

namespace dbcord::protocol {
namespace {

using namespace std::chrono_literals;

// A close code of ours that lets the server keep the session (docs: anything but 1000 and 1001).
constexpr int close_to_resume = 4000;
// After so many failures to connect to resume_gateway_url the first address is tried.
constexpr int most_resume_url_failures = 3;
// A session that held less than this counts as one more failure.
constexpr base::duration lasting = 30s;
constexpr base::duration close_timeout = 3s;
constexpr base::duration budget_period = 24h;

}  // namespace

gateway_session::gateway_session(gateway_session_options options, base::random_source& random)
    : options_(std::move(options)), random_(random), saved_(options_.saved) {}

bool gateway_session::attached() const {
  return state_ == state::expecting_hello || state_ == state::identifying || state_ == state::resuming ||
         state_ == state::online || state_ == state::closing;
}

gateway_session::actions gateway_session::start(gateway_time t) {
  if (state_ == state::idle) plan(0s, t);
  return take();
}

gateway_session::actions gateway_session::connected(gateway_time t) {
  if (state_ != state::connecting) return take();
  resume_url_failures_ = 0;
  state_ = state::expecting_hello;
  deadline_ = t.now + options_.hello_timeout;
  return take();
}

gateway_session::actions gateway_session::connect_failed(std::string_view why, gateway_time t) {
  if (state_ != state::connecting) return take();
  if (!saved_.session_id.empty()) ++resume_url_failures_;
  reconnect("cannot connect: " + std::string(why), false, 0s, t);
  return take();
}

gateway_session::actions gateway_session::closed(int code, gateway_time t) {
  if (!attached()) return take();
  if (state_ == state::closing) {
    state_ = state::over;
    act(gateway_do::report{gateway_do::status::stopped, ""});
    return take();
  }
  switch (meaning_of_close(code)) {
    case close_meaning::authentication_failed:
    case close_meaning::disallowed_intents:
    case close_meaning::refused:
      fail(code);
      return take();
    case close_meaning::identify:
      forget_session();
      break;
    case close_meaning::resume:
      break;
  }
  reconnect("closed with " + std::to_string(code), false, 0s, t);
  return take();
}

void gateway_session::fail(int code) {
  auto meaning = meaning_of_close(code);
  auto why = meaning == close_meaning::authentication_failed ? gateway_do::reason::authentication_failed
             : meaning == close_meaning::disallowed_intents  ? gateway_do::reason::disallowed_intents
                                                             : gateway_do::reason::refused;
  state_ = state::over;
  forget_session();
  act(gateway_do::save{saved_});
  act(gateway_do::fail{why, sentence_of_close(code, options_.intents)});
}

gateway_session::actions gateway_session::stop(gateway_time t) {
  if (state_ == state::over || state_ == state::closing) return take();
  if (attached()) {
    forget_session();  // a close with 1000 ends it
    act(gateway_do::save{saved_});
    act(gateway_do::close{1000});
    state_ = state::closing;
    deadline_ = t.now + close_timeout;
  } else {
    act(gateway_do::save{saved_});
    state_ = state::over;
    act(gateway_do::report{gateway_do::status::stopped, ""});
  }
  return take();
}

std::optional<base::steady_time> gateway_session::next_timer() const {
  if (state_ == state::idle || state_ == state::over) return std::nullopt;
  if (!attached() || state_ == state::closing || !next_beat_) return deadline_;
  return deadline_ ? std::min(*deadline_, *next_beat_) : *next_beat_;
}

gateway_session::actions gateway_session::timer(gateway_time t) {
  auto due = next_timer();
  if (!due || t.now < *due) return take();
  bool late = deadline_ && t.now >= *deadline_;
  switch (state_) {
    case state::waiting:
      connect(t);
      break;
    case state::expecting_hello:
      reconnect("no HELLO came", true, 0s, t);
      break;
    case state::identifying:
    case state::resuming:
      if (late) {
        reconnect("no answer to IDENTIFY or RESUME came", true, 0s, t);
      } else {
        beat_or_give_up(t);
      }
      break;
    case state::online:
      beat_or_give_up(t);
      break;
    case state::closing:
      state_ = state::over;
      act(gateway_do::report{gateway_do::status::stopped, "the peer did not answer the close"});
      break;
    case state::connecting:  // the owner's connect has a deadline of its own
    case state::idle:
    case state::over:
      break;
  }
  return take();
}

// --- planning the next connection

void gateway_session::reconnect(std::string why, bool close, base::duration at_least, gateway_time t) {
  bool lasted = state_ == state::online && t.now - online_since_ >= lasting;
  failures_ = lasted ? 0 : failures_ + 1;
  if (close) act(gateway_do::close{close_to_resume});
  act(gateway_do::save{saved_});
  act(gateway_do::report{gateway_do::status::disconnected, std::move(why)});
  plan(std::max(at_least, backoff()), t);
}

// The first time soon, then exponentially later; half of it random, so that many clients do not come back
// together.
base::duration gateway_session::backoff() {
  auto most = options_.backoff_min * (1 << std::clamp(failures_ - 1, 0, 16));
  auto bounded = static_cast<double>(std::min(most, options_.backoff_max).count());
  auto share = failures_ == 0 ? random_.unit() : 0.5 + 0.5 * random_.unit();
  return base::duration(static_cast<std::int64_t>(bounded * share));
}

void gateway_session::plan(base::duration at_least, gateway_time t) {
  next_beat_.reset();
  auto delay = at_least;
  if (saved_.session_id.empty()) delay = std::max(delay, identify_delay(t));
  if (delay <= 0s) return connect(t);
  state_ = state::waiting;
  deadline_ = t.now + delay;
}

void gateway_session::connect(gateway_time) {
  state_ = state::connecting;
  deadline_.reset();
  bool resume = !saved_.session_id.empty() && !saved_.resume_url.empty();
  bool there = resume && resume_url_failures_ < most_resume_url_failures;
  act(gateway_do::report{gateway_do::status::connecting, ""});
  act(gateway_do::open{gateway_address(there ? saved_.resume_url : options_.url)});
}

// At most one IDENTIFY per interval; once half of the day's are used, the rest are spread over what is left
// of the day.
base::duration gateway_session::identify_delay(gateway_time t) const {
  auto since_last = t.wall - saved_.last_identify;
  auto interval = options_.identify_interval;
  auto day_left = saved_.budget_since + budget_period - t.wall;
  bool counts = day_left > 0s && day_left <= budget_period;
  if (counts && saved_.identifies >= options_.identify_budget / 2) {
    int left = std::max(1, options_.identify_budget - saved_.identifies);
    interval = std::max<base::duration>(interval, day_left / left);
  }
  if (since_last < 0s) return interval;  // the clock was set back
  return std::max<base::duration>(interval - since_last, 0s);
}

void gateway_session::forget_session() {
  saved_.session_id.clear();
  saved_.resume_url.clear();
  saved_.sequence = 0;
  resume_url_failures_ = 0;
}

}  // namespace dbcord::protocol
