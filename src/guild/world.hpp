#pragma once
// Everything that the routes and the gateway share while one input is handled: the state, the volatile
// tables, the time of the input and the effects collected so far. Every durable change goes through the
// functions below, which write the record and change the state in one step. Owned by the core; one caller at
// a time.

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "guild/attachment_urls.hpp"
#include "guild/core.hpp"
#include "guild/fault_injector.hpp"
#include "guild/gateway_sessions.hpp"
#include "guild/guild_search.hpp"
#include "guild/guild_state.hpp"
#include "guild/interaction_table.hpp"
#include "guild/rate_limits.hpp"

namespace dbcord::guild {

class gateway;

class world {
 public:
  world(core_options given, base::random_source& randomness, attachment_store& store);

  base::result<void> replay(core_history& history);
  // After an input: what it caused. Bodies found meanwhile may go.
  effects end_input();
  core_snapshot take_snapshot();
  // The records emitted first of those that have no place yet lie there.
  void place_records(std::span<const record_place> places);
  void found_guild();
  void set_public_url(std::string url);
  std::string gateway_url() const;

  // An id for something durable, and one for something that is only kept in memory: those are reserved in the
  // log, so that they are not given out again after a restart.
  template <class Id>
  Id durable_id() {
    return state.ids.next<Id>(now);
  }
  template <class Id>
  Id volatile_id() {
    auto id = state.ids.next<Id>(now);
    reserve(id.value);
    return id;
  }

  const channel& store_channel(channel_settings settings);
  void remove_channel(base::channel_id id);
  const stored_message& store_message(base::channel_id where, stored_message message,
                                      std::string_view nonce = {});
  void remove_messages(base::channel_id where, std::span<const base::message_id> ids);
  const role& store_role(role r);
  void remove_role(base::role_id id);
  const member& store_member(member m);
  void store_commands(command_scope scope, std::vector<app_command> commands);
  void store_attachment(base::attachment_id id, std::string_view bytes);
  void forget_attachments(const stored_message& message);
  // How many records were emitted since the start.
  std::uint64_t records_emitted() const { return emitted_; }

  std::uint64_t application_flags() const;
  const std::string& http_date();

  core_options options;
  base::random_source& random;
  attachment_store& attachments;
  base::system_time now;
  effects out;
  guild_state state;
  attachment_urls urls;
  rate_limits limits{options.limits};
  fault_injector faults;
  guild_search search;
  gateway_sessions sessions{out.frames, now, faults};
  interaction_table interactions;
  const gateway* gate = nullptr;  // set by the core

 private:
  // A message's record whose place is not known yet.
  struct unplaced_message {
    std::uint64_t number;  // of its record, from 0
    base::channel_id where;
    base::message_id id;
  };

  void reserve(std::uint64_t id);

  std::uint64_t emitted_ = 0;  // records, not counting those in `out`
  std::uint64_t placed_ = 0;
  std::deque<unplaced_message> unplaced_;  // only with a reader
  std::uint64_t reserved_ = 0;
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace dbcord::guild
