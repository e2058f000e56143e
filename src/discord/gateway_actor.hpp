#pragma once
// gateway_actor: keeps one gateway session alive (protocol::gateway_session over transport::open):
// heartbeats, RESUME, reconnecting with backoff and jitter. An actor on its own strand; start() and stop()
// from any executor, once each; stop() before it is destroyed. transport and listener outlive it.
//
// Failure: whatever can be mended is mended for ever, with at most `backoff_max` between attempts; what
// cannot (wrong token, intents not switched on, …) ends in on_fatal and no further attempt.

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actor/environment.hpp"
#include "discord/transport.hpp"
#include "protocol/gateway_saved_session.hpp"

namespace dbcord::discord {

struct gateway_identify_properties {
  std::string os = "linux";
  std::string browser = "dbcord";
  std::string device = "dbcord";
};

struct gateway_options {
  std::string url;    // from GET /gateway/bot: "wss://gateway.discord.gg", no query string
  std::string token;  // without "Bot "
  std::uint64_t intents = 0;
  gateway_identify_properties identify_properties;
  protocol::gateway_saved_session saved;  // of the last run
  base::duration identify_interval =
      std::chrono::seconds(5);                                // between two IDENTIFYs; zero for a local guild
  int identify_budget = 1'000;                                // a day; total of session_start_limit
  base::duration connect_timeout = std::chrono::seconds(20);  // to connect, and again to HELLO and READY
  base::duration backoff_min = std::chrono::milliseconds(250);
  base::duration backoff_max = std::chrono::seconds(30);
};

enum class gateway_state {
  connecting,
  ready,         // after READY: all that was known may be stale; GUILD_CREATE follows
  resumed,       // after RESUMED: missed events were delivered before this
  disconnected,  // will be tried again
  stopped
};

// All calls come on the gateway's strand and must not block.
class gateway_listener {
 public:
  virtual ~gateway_listener() = default;
  // In the order of their sequence numbers; READY and RESUMED among them. An event can come twice (docs,
  // Resuming).
  virtual void on_dispatch(std::string type, boost::json::object data) = 0;
  virtual void on_state(gateway_state /*state*/, std::string /*detail*/) {}
  // To be kept for the next run: after READY, before each IDENTIFY, with each heartbeat, and at the end.
  virtual void on_session(const protocol::gateway_saved_session& /*saved*/) {}
  // Once; nothing follows. One sentence that says what to do.
  virtual void on_fatal(base::error e) = 0;
};

enum class gateway_errc {
  authentication_failed = 1,  // close code 4004
  disallowed_intents,         // 4014
  refused                     // 4010-4013: wrong shard, version or intents
};
const boost::system::error_category& gateway_category() noexcept;
inline boost::system::error_code make_error_code(gateway_errc e) noexcept {
  return {static_cast<int>(e), gateway_category()};
}

class gateway_actor {
 public:
  gateway_actor(const actor::environment& env, transport& net, gateway_options options,
                gateway_listener& listener);
  gateway_actor(const gateway_actor&) = delete;
  gateway_actor& operator=(const gateway_actor&) = delete;
  ~gateway_actor();

  void start();
  // Closes with 1000 (the session ends at once) and returns when nothing of it runs any more.
  actor::task<void> stop(base::steady_time deadline);

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace dbcord::discord

template <>
struct boost::system::is_error_code_enum<dbcord::discord::gateway_errc> : std::true_type {};
