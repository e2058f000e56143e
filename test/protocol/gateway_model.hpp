#pragma once
// The gateway's server side, as small as it can be, and a link that can break at any step; virtual time.
// For the session's state machine alone: everything above it is tested against the guild's core.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>
#include <vector>

#include "protocol/gateway_session.hpp"

namespace dbcord::protocol::test {

using namespace std::chrono_literals;
namespace json = boost::json;

inline gateway_session_options session_options() {
  gateway_session_options o;
  o.url = "wss://gateway";
  o.token = "secret";
  o.intents = 33281;
  o.os = "linux";
  o.browser = o.device = "dbcord";
  return o;
}

class gateway_model {
 public:
  explicit gateway_model(gateway_session_options o = session_options(), std::uint64_t seed = 1)
      : random_(seed), session_(std::move(o), random_) {}

  // The link breaks when this many steps (connects, frames either way) have been done; `code` is what the
  // client sees.
  void break_at(int step, int code = 1006) {
    break_at_ = step;
    break_code_ = code;
  }
  int steps() const { return steps_; }

  void start() { perform(session_.start(time())); }
  void stop() { perform(session_.stop(time())); }
  void run_for(base::duration d) {
    auto end = now_ + d;
    for (;;) {
      auto next = session_.next_timer();
      if (!emissions_.empty() && (!next || emissions_.front() < *next)) next = emissions_.front();
      if (!next || *next > end) break;
      now_ = std::max(now_, *next);
      if (!emissions_.empty() && emissions_.front() <= now_) {
        emissions_.erase(emissions_.begin());
        emit();
      } else {
        perform(session_.timer(time()));
      }
    }
    now_ = end;
  }
  // The server dispatches `count` events, one every `every`.
  void emit_events(int count, base::duration every) {
    for (int i = 1; i <= count; ++i) emissions_.push_back(now_ + i * every);
  }
  void from_server(std::string text) {
    if (step()) perform(session_.received(text, time()));
  }
  void server_closes(int code) {
    if (!connected_) return;
    connected_ = false;
    perform(session_.closed(code, time()));
  }
  void lose_sessions() { sessions_.clear(); }

  // What the client did.
  std::vector<int> events;           // numbers of the EVENTs dispatched
  std::vector<std::string> opened;   // addresses
  std::vector<json::object> frames;  // all that it sent
  std::vector<base::steady_time> identified, heartbeats, opened_at;
  std::vector<gateway_do::status> reports;
  std::vector<int> closes;
  std::optional<gateway_do::fail> failed;
  std::optional<gateway_saved_session> saved;
  int notes = 0;

  bool accept = true;  // connects succeed
  bool say_hello = true;
  bool acknowledge = true;
  bool answer_ready = true;
  int interval_ms = 40'000;

  base::steady_time now() const { return now_; }
  gateway_time time() const { return {now_, base::system_time(1'785'542'400s) + (now_ - origin_)}; }
  bool online() const {
    return !reports.empty() &&
           (reports.back() == gateway_do::status::ready || reports.back() == gateway_do::status::resumed);
  }
  gateway_session& session() { return session_; }

 private:
  // Counts a step; false when the link breaks at it.
  bool step() {
    if (!connected_) return false;
    if (++steps_ != break_at_) return true;
    connected_ = false;
    perform(session_.closed(break_code_, time()));
    return false;
  }

  void perform(gateway_session::actions actions) {
    for (auto& a : actions) std::visit([this](auto& what) { carry_out(what); }, a);
  }
  void carry_out(gateway_do::open& a) {
    opened.push_back(a.url);
    opened_at.push_back(now_);
    connected_ = false;
    if (!accept || ++steps_ == break_at_) return perform(session_.connect_failed("refused", time()));
    connected_ = true;
    perform(session_.connected(time()));
    if (say_hello) from_server(R"({"op":10,"d":{"heartbeat_interval":)" + std::to_string(interval_ms) + "}}");
  }
  void carry_out(gateway_do::send& a) {
    if (!step()) return;
    frames.push_back(json::parse(a.text).as_object());
    serve(frames.back());
  }
  void carry_out(gateway_do::close& a) {
    closes.push_back(a.code);
    if (a.code == 1000) sessions_.clear();
    bool open = std::exchange(connected_, false);
    if (open && a.code == 1000) perform(session_.closed(1000, time()));
  }
  void carry_out(gateway_do::dispatch& a) {
    if (a.type == "EVENT") events.push_back(static_cast<int>(a.data.at("n").as_int64()));
  }
  void carry_out(gateway_do::report& a) { reports.push_back(a.what); }
  void carry_out(gateway_do::save& a) { saved = a.saved; }
  void carry_out(gateway_do::fail& a) { failed = a; }
  void carry_out(gateway_do::note&) { ++notes; }

  void serve(const json::object& frame) {
    switch (frame.at("op").as_int64()) {
      case 1:
        heartbeats.push_back(now_);
        if (acknowledge) from_server(R"({"op":11})");
        break;
      case 2:
        serve_identify();
        break;
      case 6:
        serve_resume(frame.at("d").as_object());
        break;
    }
  }
  void serve_identify() {
    identified.push_back(now_);
    if (!answer_ready) return;
    current_ = "session-" + std::to_string(identified.size());
    sessions_[current_] = {};
    send_dispatch("READY", R"({"session_id":")" + current_ + R"(","resume_gateway_url":"wss://resume"})");
  }
  void serve_resume(const json::object& d) {
    auto id = std::string(d.at("session_id").as_string());
    if (!sessions_.contains(id)) return from_server(R"({"op":9,"d":false})");
    current_ = id;
    auto past = sessions_[id];
    for (std::size_t s = static_cast<std::size_t>(d.at("seq").as_int64()); s < past.size(); ++s)
      from_server(past[s]);
    send_dispatch("RESUMED", "{}");
  }
  void send_dispatch(const std::string& type, const std::string& data) {
    auto& log = sessions_[current_];
    log.push_back(R"({"op":0,"s":)" + std::to_string(log.size() + 1) + R"(,"t":")" + type + R"(","d":)" +
                  data + "}");
    auto frame = log.back();
    if (connected_) from_server(frame);
  }
  void emit() {
    ++emitted_;
    if (sessions_.contains(current_)) send_dispatch("EVENT", R"({"n":)" + std::to_string(emitted_) + "}");
  }

  base::seeded_random random_;
  gateway_session session_;
  base::steady_time origin_{1h}, now_{1h};
  bool connected_ = false;
  int steps_ = 0, break_at_ = 0, break_code_ = 1006, emitted_ = 0;
  std::vector<base::steady_time> emissions_;
  std::map<std::string, std::vector<std::string>> sessions_;  // id -> frames, by sequence number from 1
  std::string current_;
};

}  // namespace dbcord::protocol::test
