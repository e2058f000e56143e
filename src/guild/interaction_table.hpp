#pragma once
// Interactions that are under way or may still be followed up (facts 4.9): first answer within 3 s, then 15
// minutes in which the token is good. Ephemeral messages live here and nowhere else. Owned by the core; one
// caller at a time. Not durable: after a restart tokens are unknown. Bounded in bytes: past `bytes_max` the
// oldest answered ones go early.

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "guild/model.hpp"

namespace dbcord::guild {

enum class interaction_phase { waiting, answered, failed };

struct interaction {
  base::interaction_id id;
  std::string token;
  int type = 2;
  base::user_id user;
  base::channel_id channel;
  std::string name;   // of the command
  std::string nonce;  // JSON text from the user's client, or empty
  base::system_time created;
  interaction_phase phase = interaction_phase::waiting;
  bool deferred = false;      // answered by "thinking": the first follow-up replaces that message
  base::message_id original;  // what @original means; 0: none
  base::message_id source;    // the message with the component, if any
  std::map<base::message_id, stored_message> ephemeral;
  std::vector<base::message_id> public_messages;  // made by this interaction, kept in the channel
  std::vector<base::attachment_id> uploads;       // files that came with the command
  base::user_id target_user;                      // of a command on a user
  base::message_id target_message;                // of a command on a message
  std::string modal;                              // JSON of the modal that it was answered with, or empty
  std::optional<interaction_trigger> trigger;     // of a filled-in modal: what had opened it
  std::size_t bytes = 0;
};

class interaction_table {
 public:
  static constexpr std::chrono::seconds answer_within{3};  // Discord docs, Receiving and Responding
  static constexpr std::chrono::minutes token_life{15};
  static constexpr std::size_t bytes_max = 16 * 1024 * 1024;
  static constexpr std::size_t waiting_max = 10'000;

  bool full() const { return waiting_.size() >= waiting_max; }
  interaction& add(interaction added);
  void open_modal(interaction& owner, std::string modal);
  interaction* find(base::interaction_id id);
  interaction* find_token(std::string_view token);
  // The ephemeral message of that id and its interaction.
  interaction* find_ephemeral(base::message_id id);
  void put_ephemeral(interaction& owner, stored_message message);  // creates or replaces
  void remove_ephemeral(interaction& owner, base::message_id id);

  bool has_attachment(base::attachment_id id) const { return attachments_.contains(id.value); }

  // Those that were not answered in time, oldest first; they are marked failed.
  std::vector<interaction*> take_unanswered(base::system_time now);
  // Drops what is past its life or past the bound on bytes; gives the attachments that nobody can reach any
  // more.
  std::vector<base::attachment_id> expire(base::system_time now);
  std::optional<base::system_time> next_deadline() const;

 private:
  using table = std::map<base::interaction_id, interaction>;
  void account(interaction& changed);
  void forget_files(const stored_message& message);
  void drop(table::iterator which, std::vector<base::attachment_id>& forgotten);

  table interactions_;
  std::unordered_map<std::string, base::interaction_id> by_token_;  // never iterated
  std::unordered_map<base::message_id, base::interaction_id> by_ephemeral_;
  std::unordered_set<std::uint64_t> attachments_;  // of ephemeral messages and uploads; never iterated
  std::deque<std::pair<base::system_time, base::interaction_id>> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace dbcord::guild
