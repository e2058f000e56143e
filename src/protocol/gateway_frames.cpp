// The part of gateway_session that reads frames and keeps the heart beating.

#include <boost/json/parse.hpp>

#include "protocol/gateway_payloads.hpp"

namespace dbcord::protocol {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds shortest_interval = 100ms;
constexpr std::chrono::milliseconds longest_interval = 1h;

std::optional<json::object> parse_frame(std::string_view text) {
  json::parse_options options;
  options.max_depth = 128;
  boost::system::error_code ec;
  auto value = json::parse(text, ec, {}, options);
  if (ec || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::int64_t> integer(const json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  if (!v) return std::nullopt;
  boost::system::error_code ec;
  auto n = v->to_number<std::int64_t>(ec);
  if (ec) return std::nullopt;
  return n;
}

std::string text_at(const json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

}  // namespace

gateway_session::actions gateway_session::received(std::string_view text, gateway_time t) {
  if (!attached() || state_ == state::closing) return take();
  auto frame = parse_frame(text);
  auto op = frame ? integer(*frame, "op") : std::nullopt;
  if (!op) {
    act(gateway_do::note{"a frame that is no gateway payload was ignored"});
    return take();
  }
  if (deadline_ && (state_ == state::identifying || state_ == state::resuming)) {
    deadline_ = t.now + options_.ready_timeout;  // a replay may be long
  }
  switch (*op) {
    case 0:
      dispatch(*frame, t);
      break;
    case 1:
      beat(t);
      break;
    case 7:
      reconnect("the server asked for it", true, 0s, t);
      break;
    case 9:
      invalid_session(*frame, t);
      break;
    case 10:
      hello(*frame, t);
      break;
    case 11:
      unacknowledged_ = false;
      break;
    default:
      act(gateway_do::note{"opcode " + std::to_string(*op) + " was ignored"});
  }
  return take();
}

void gateway_session::hello(const json::object& frame, gateway_time t) {
  if (state_ != state::expecting_hello) return;
  auto* d = frame.if_contains("d");
  auto interval = d && d->is_object() ? integer(d->get_object(), "heartbeat_interval") : std::nullopt;
  auto stated = std::chrono::milliseconds(interval.value_or(0));  // compared as such: as nanoseconds some of what can be stated overflows
  if (stated < shortest_interval || stated > longest_interval) {
    return reconnect("HELLO without a usable heartbeat interval", true, 0s, t);
  }
  interval_ = stated;
  unacknowledged_ = false;
  // The first beat at a random part of the interval (docs, Heartbeat Interval).
  auto first = static_cast<double>(interval_.count()) * random_.unit();
  next_beat_ = t.now + base::duration(static_cast<std::int64_t>(first));
  deadline_ = t.now + options_.ready_timeout;
  if (saved_.session_id.empty()) {
    identify(t);
  } else {
    resume(t);
  }
}

void gateway_session::identify(gateway_time t) {
  auto age = t.wall - saved_.budget_since;
  if (age < 0s || age >= 24h) {
    saved_.budget_since = t.wall;
    saved_.identifies = 0;
  }
  ++saved_.identifies;
  saved_.last_identify = t.wall;
  act(gateway_do::save{saved_});  // before it is sent: a crash must not forget it
  act(gateway_do::send{identify_payload(options_)});
  state_ = state::identifying;
}

void gateway_session::resume(gateway_time) {
  act(gateway_do::send{resume_payload(options_, saved_)});
  state_ = state::resuming;
}

void gateway_session::beat(gateway_time) {
  act(gateway_do::send{heartbeat_payload(saved_)});
  unacknowledged_ = true;
}

// No acknowledgement between two beats: the connection is a zombie.
void gateway_session::beat_or_give_up(gateway_time t) {
  if (unacknowledged_) return reconnect("heartbeats are not acknowledged", true, 0s, t);
  beat(t);
  next_beat_ = t.now + interval_;
  act(gateway_do::save{saved_});
}

void gateway_session::invalid_session(const json::object& frame, gateway_time t) {
  auto* d = frame.if_contains("d");
  bool resumable = d && d->is_bool() && d->get_bool();
  if (!resumable) forget_session();
  // One to five seconds, random (docs, Invalid Session).
  auto pause = 1s + std::chrono::milliseconds(random_.below(4'000));
  reconnect(resumable ? "the session must be resumed" : "the session is not valid any more", true, pause, t);
}

void gateway_session::dispatch(json::object& frame, gateway_time t) {
  if (state_ == state::expecting_hello) return;
  if (auto s = integer(frame, "s"); s && *s >= 0) saved_.sequence = static_cast<std::uint64_t>(*s);
  auto type = text_at(frame, "t");
  auto* d = frame.if_contains("d");
  bool is_object = d && d->is_object();
  if (type.empty() || !is_object) {
    act(gateway_do::note{"a dispatch without type or data was ignored"});
    if (type != "RESUMED") return;
  }
  auto data = is_object ? std::move(d->get_object()) : json::object();
  if (type == "READY") ready(data, t);
  act(gateway_do::dispatch{type, std::move(data)});
  if (type == "READY") online(gateway_do::status::ready, t);
  if (type == "RESUMED") online(gateway_do::status::resumed, t);
}

void gateway_session::ready(const json::object& data, gateway_time) {
  saved_.session_id = text_at(data, "session_id");
  saved_.resume_url = text_at(data, "resume_gateway_url");
  if (saved_.resume_url.empty()) saved_.resume_url = options_.url;
}

void gateway_session::online(gateway_do::status what, gateway_time t) {
  state_ = state::online;
  online_since_ = t.now;
  deadline_.reset();
  act(gateway_do::save{saved_});
  act(gateway_do::report{what, ""});
}

}  // namespace dbcord::protocol
