#pragma once
// The gateway's sessions: who listens, with which intents, and what was sent to them, so that a client that
// lost its connection can resume (facts 5.6). Owned by the core; one caller at a time. A session lives from
// IDENTIFY until the client closes with 1000 or 1001, or until it has been without a connection for
// `resume_window`. Limits: see below; what falls out of a replay buffer makes a resume from before it fail,
// never anything else.

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guild/core.hpp"
#include "guild/fault_injector.hpp"

namespace dbcord::guild {

struct sent_event {
  std::uint64_t sequence = 0;
  std::string_view name;  // static storage
  std::shared_ptr<const std::string> data;
};

// An event that a fault holds back.
struct held_event {
  std::string_view name;
  std::shared_ptr<const std::string> data;
  base::system_time until;
};

struct gateway_session {
  std::string id;
  base::user_id user;
  bool bot = false;
  std::uint64_t intents = 0;
  std::string shard;         // JSON text, as it was asked for; empty: not sharded
  bool holds_guild = true;   // false: the guild is on another shard
  std::uint64_t sequence = 0;
  std::deque<sent_event> buffer;  // the newest events, also those of before the loss of the connection
  std::size_t buffered_bytes = 0;
  std::optional<connection_id> connection;
  base::system_time lost_at;  // if there is no connection
  std::optional<held_event> held;
};

enum class resume_outcome { resumed, invalid_sequence, too_old };

class gateway_sessions {
 public:
  static constexpr std::chrono::minutes resume_window{3};  // "a few minutes", facts 5.6
  static constexpr std::size_t buffered_events_max = 1024;
  static constexpr std::size_t buffered_bytes_max = 2 * 1024 * 1024;
  static constexpr std::size_t detached_max = 16;  // the longest without a connection is dropped first

  gateway_sessions(std::vector<outgoing_frame>& frames, const base::system_time& now, fault_injector& faults)
      : frames_(frames), now_(now), faults_(faults) {}

  gateway_session& start(gateway_session session);
  gateway_session* find(std::string_view id);
  gateway_session* find(connection_id connection);
  const std::vector<std::unique_ptr<gateway_session>>& all() const { return sessions_; }
  // One that hears of the guild.
  bool any_of(base::user_id user) const;

  // Sends and buffers an event of the session itself.
  void tell(gateway_session& session, std::string_view name, std::string data);
  // The same for an event of the guild, for those on whose shard it is.
  void dispatch(gateway_session& session, std::string_view name, std::shared_ptr<const std::string> data);
  void dispatch(gateway_session& session, std::string_view name, std::string data);
  // Sends again what came after `sequence`.
  resume_outcome replay(gateway_session& session, connection_id to, std::uint64_t sequence);

  void detach(gateway_session& session, base::system_time now);
  void end(gateway_session& session);
  void expire(base::system_time now);
  void release_held(base::system_time now);
  // When one of the two has something to do.
  std::optional<base::system_time> next_expiry() const;

 private:
  void send(const gateway_session& session, const sent_event& event);
  void add(gateway_session& session, std::string_view name, std::shared_ptr<const std::string> data);
  void trim(gateway_session& session);
  void drop_surplus();

  std::vector<outgoing_frame>& frames_;
  const base::system_time& now_;
  fault_injector& faults_;
  std::vector<std::unique_ptr<gateway_session>> sessions_;  // in the order of their start
};

}  // namespace dbcord::guild
