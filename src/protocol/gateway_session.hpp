#pragma once
// gateway_session: the client's side of Discord's gateway as a state machine: what happened goes in, what is
// to be done comes out. HELLO, heartbeats, zombie detection, IDENTIFY within its budget, RESUME, ops 7 and 9,
// close codes, back-off. Pure: no I/O, no clock; randomness is injected. (Discord docs, Gateway; Opcodes and
// Status Codes.)
//
// Owner: the gateway actor, on its strand; not thread-safe. The random source outlives it. Every input
// carries the time. After each input the owner carries out the actions in their order, and calls timer() at
// next_timer(). Never throws on input; a frame that makes no sense is reported as a note and ignored.

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dbcord/base/random.hpp"
#include "protocol/gateway_saved_session.hpp"

namespace dbcord::protocol {

struct gateway_session_options {
  std::string url;    // "wss://gateway.discord.gg", no query string
  std::string token;  // without "Bot "
  std::uint64_t intents = 0;
  std::string os, browser, device;  // identify properties
  gateway_saved_session saved;
  base::duration identify_interval = std::chrono::seconds(5);
  int identify_budget = 1'000;  // in 24 hours
  base::duration hello_timeout = std::chrono::seconds(20);
  base::duration ready_timeout = std::chrono::seconds(20);  // without any frame after IDENTIFY or RESUME
  base::duration backoff_min = std::chrono::milliseconds(250);
  base::duration backoff_max = std::chrono::seconds(30);
};

struct gateway_time {
  base::steady_time now;
  base::system_time wall;  // only for the IDENTIFY budget, which outlives the process
};

namespace gateway_do {
struct open {  // a new connection; anything that the old one still says is to be ignored from now on
  std::string url;
};
struct send {
  std::string text;
};
struct close {
  int code;
};
struct dispatch {
  std::string type;
  boost::json::object data;
};
enum class status { connecting, ready, resumed, disconnected, stopped };
struct report {
  status what;
  std::string detail;
};
struct save {
  gateway_saved_session saved;
};
enum class reason { authentication_failed, disallowed_intents, refused };
struct fail {  // nothing follows
  reason why;
  std::string message;
};
struct note {  // for the log
  std::string text;
};
}  // namespace gateway_do

using gateway_action =
    std::variant<gateway_do::open, gateway_do::send, gateway_do::close, gateway_do::dispatch,
                 gateway_do::report, gateway_do::save, gateway_do::fail, gateway_do::note>;

class gateway_session {
 public:
  using actions = std::vector<gateway_action>;

  gateway_session(gateway_session_options options, base::random_source& random);

  actions start(gateway_time t);
  actions connected(gateway_time t);
  actions connect_failed(std::string_view why, gateway_time t);
  actions received(std::string_view text, gateway_time t);
  actions closed(int code, gateway_time t);  // by the peer, or lost (1006)
  actions timer(gateway_time t);
  actions stop(gateway_time t);

  std::optional<base::steady_time> next_timer() const;
  const gateway_saved_session& saved() const { return saved_; }

 private:
  enum class state {
    idle,
    waiting,
    connecting,
    expecting_hello,
    identifying,
    resuming,
    online,
    closing,
    over
  };

  bool attached() const;  // there is a connection of ours
  void hello(const boost::json::object& frame, gateway_time t);
  void dispatch(boost::json::object& frame, gateway_time t);
  void ready(const boost::json::object& data, gateway_time t);
  void online(gateway_do::status what, gateway_time t);
  void invalid_session(const boost::json::object& frame, gateway_time t);
  void identify(gateway_time t);
  void resume(gateway_time t);
  void beat(gateway_time t);
  void beat_or_give_up(gateway_time t);
  // Leaves the connection (closing it if it is still open) and plans the next.
  void reconnect(std::string why, bool close, base::duration at_least, gateway_time t);
  void plan(base::duration at_least, gateway_time t);
  void connect(gateway_time t);
  void fail(int code);
  base::duration backoff();
  base::duration identify_delay(gateway_time t) const;
  void forget_session();
  void act(gateway_action a) { pending_.push_back(std::move(a)); }
  actions take() { return std::exchange(pending_, {}); }

  gateway_session_options options_;
  base::random_source& random_;
  gateway_saved_session saved_;
  actions pending_;
  state state_ = state::idle;
  int failures_ = 0;  // attempts since the last lasting session
  int resume_url_failures_ = 0;
  base::steady_time online_since_{};
  std::optional<base::steady_time> deadline_;  // of the current state
  std::optional<base::steady_time> next_beat_;
  base::duration interval_{};
  bool unacknowledged_ = false;
};

}  // namespace dbcord::protocol
