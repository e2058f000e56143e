#pragma once
// The server side of the gateway protocol (facts 5): connections, opcodes, close codes. Owned by the core;
// one caller at a time. Whatever a client sends ends in frames, at worst a close; unknown connections are
// ignored. Limits: 4096 bytes a payload (4002), 120 payloads in 60 s (4008).

#include <boost/json/object.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string_view>

#include "guild/world.hpp"

namespace dbcord::guild {

namespace close_code {
inline constexpr int going_away = 1001;     // the client may resume
inline constexpr int vanished = 1006;       // no frame at all
inline constexpr int unknown_error = 4000;  // the client may resume
inline constexpr int unknown_opcode = 4001;
inline constexpr int decode_error = 4002;
inline constexpr int not_authenticated = 4003;  // also: the session is invalidated
inline constexpr int authentication_failed = 4004;
inline constexpr int already_authenticated = 4005;
inline constexpr int invalid_sequence = 4007;
inline constexpr int rate_limited = 4008;
inline constexpr int invalid_shard = 4010;
inline constexpr int invalid_version = 4012;
inline constexpr int invalid_intents = 4013;
inline constexpr int disallowed_intents = 4014;
}  // namespace close_code

class gateway {
 public:
  static constexpr std::chrono::milliseconds heartbeat_interval{41250};
  // A connection without a heartbeat for that long is a zombie.
  static constexpr std::chrono::milliseconds heartbeat_tolerance{heartbeat_interval * 3 / 2};
  static constexpr std::size_t payload_max = 4096;
  static constexpr int sends_max = 120;
  static constexpr std::chrono::seconds sends_window{60};
  // One request for all members of a guild in that time (facts 2.7).
  static constexpr std::chrono::seconds all_members_window{30};
  // How long after op 7 a client that is still there is closed.
  static constexpr std::chrono::seconds reconnect_grace{5};

  explicit gateway(world& w) : world_(w) {}

  void connect(connection_id id, std::string_view query);
  void receive(connection_id id, std::string_view text);
  void disconnect(connection_id id, int code);
  void tick();
  std::optional<base::system_time> next_tick() const;

  // What faults do to sessions: to every connected one of the bot (gives their number), or to one of them when it is time.
  std::size_t inflict_on_all(session_fault kind);
  void inflict_due();

  // For GET /gateway/bot.
  int identifies_left(base::system_time now) const;
  std::chrono::milliseconds identifies_reset_after(base::system_time now) const;

 private:
  struct connection {
    base::system_time heartbeat;  // the last one
    base::system_time window_end;
    int sends = 0;
    std::optional<base::system_time> close_at;  // it was told to reconnect
  };

  std::vector<gateway_session*> connected_bots();
  void inflict(session_fault kind, gateway_session& session);
  void close(connection_id id, int code);
  void send(connection_id id, int op, std::string_view data);
  bool within_send_limit(connection& c);
  void handle(connection_id id, int op, const boost::json::object& payload);
  void identify(connection_id id, const boost::json::object& payload);
  void identify_bot(connection_id id, const boost::json::object& d);
  void identify_owner(connection_id id);
  bool may_identify();
  void greet(gateway_session& session);
  void resume(connection_id id, const boost::json::object& payload);
  void request_members(connection_id id, const boost::json::object& payload);
  bool may_request_all(gateway_session& session, const boost::json::object& d);

  world& world_;
  std::map<connection_id, connection> connections_;
  std::optional<base::system_time> last_identify_;  // of the bot
  base::system_time identify_day_;
  int identifies_ = 0;
  std::optional<base::system_time> last_all_members_;  // when the bot asked for all of them
};

}  // namespace dbcord::guild
