#pragma once
// The durable state of the guild: what the records say. It changes only through the functions below, each of
// which has a record of its own (record_codec), so that a replay gives the same state. Owned by the core; one
// caller at a time. Callers validate first; a change that cannot be applied is a bug when live and a damaged
// log when replayed.

#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <vector>

#include "guild/core_storage.hpp"
#include "guild/message_bodies.hpp"
#include "guild/model.hpp"
#include "guild/nonce_window.hpp"
#include "guild/snowflake_generator.hpp"

namespace dbcord::guild {

// The first record of every log: who and what exists from the start.
struct founding {
  base::guild_id guild;
  std::string guild_name;
  user owner;
  user bot;
  role everyone;
  role bot_role;
  base::channel_id first_channel;
  std::string first_channel_name;
  std::string bot_token;
  std::string owner_token;
  std::string secret;      // signs attachment URLs
  std::string verify_key;  // shown in the application object
  std::uint64_t created_ms = 0;
};

enum class command_scope { global, guild };

class guild_state {
 public:
  // Before anything else: bodies are read from there. Without one they all stay in memory.
  void set_reader(record_reader& reader) { reader_ = &reader; }
  bool has_reader() const { return reader_ != nullptr; }
  // Between two inputs: lets go of bodies beyond the budget.
  void trim_bodies() { bodies_.trim(); }

  void found(founding first);
  bool founded() const { return static_cast<bool>(first_.guild); }

  void put_channel(channel_settings settings);  // creates or changes
  // A category's children lose their parent, a text channel takes its threads with it; false: no such channel.
  bool remove_channel(base::channel_id id);
  // Creates or replaces; false: no such channel or author. `nonce` is JSON text, of a create only. `place`: where the record
  // lies, if that is known already (in a replay).
  bool put_message(base::channel_id where, stored_message message, std::string_view nonce = {}, record_place place = {});
  // The messages of a channel at the time of a snapshot; false: no such channel.
  bool put_messages(channel_messages messages);
  // The record of a put_message without a place lies there now. Once for each, in their order.
  void place_message(base::channel_id where, base::message_id id, record_place place);
  bool remove_message(base::channel_id where, base::message_id id);
  void put_role(role changed);           // creates or changes
  bool remove_role(base::role_id id);    // members lose it; false: no such role, or one that cannot go
  bool put_member(const member& changed);  // roles and nick; false: no such member
  void put_commands(command_scope scope, std::vector<app_command> commands);

  const founding& first() const { return first_; }
  base::application_id application() const { return {first_.bot.id.value}; }
  const user& owner() const { return first_.owner; }
  const user& bot() const { return first_.bot; }
  const user* find_user(base::user_id id) const;
  const member* find_member(base::user_id id) const;
  const role* find_role(base::role_id id) const;
  const role& everyone() const { return roles_.front(); }
  const std::vector<role>& roles() const { return roles_; }  // by id: @everyone, who has the guild's, first
  const std::array<member, 2>& members() const { return members_; }

  const std::map<base::channel_id, channel>& channels() const { return channels_; }
  const channel* find_channel(base::channel_id id) const;
  std::vector<channel_messages> all_messages() const;
  // The bodies lie there as well, in the snapshot's order. What was written anew since, or had no place then, stays.
  void move_messages(const core_snapshot& taken, std::span<const record_place> places);
  std::vector<base::channel_id> threads_of(base::channel_id parent) const;
  // Of the guild's active threads: how many there are, and the one to be looked at first, with the time.
  std::size_t active_threads() const { return archive_due_.size(); }
  std::optional<std::pair<base::system_time, base::channel_id>> next_archive() const;
  // Looks anew when that thread is due.
  base::system_time reschedule_archive(base::channel_id id);
  bool has_message(base::channel_id where, base::message_id id) const;
  // Valid until the input that is being handled has been answered. Throws unreadable_record.
  const stored_message* find_message(base::channel_id where, base::message_id id) const;
  const std::vector<app_command>& commands(command_scope scope) const {
    return commands_[static_cast<std::size_t>(scope)];
  }
  bool has_attachment(base::attachment_id id) const { return attachments_.contains(id.value); }
  // The attachments of the channel's messages.
  std::vector<base::attachment_id> attachments_in(const channel& where) const;

  snowflake_generator ids;
  nonce_window nonces;

 private:
  const stored_message& load(const message_entry& entry) const;
  void schedule_archive(channel& c);
  void index_attachments(const stored_message& message);
  void forget_attachments(const message_entry& entry);

  founding first_;
  std::vector<role> roles_;
  std::array<member, 2> members_;
  std::map<base::channel_id, channel> channels_;
  std::array<std::vector<app_command>, 2> commands_;
  std::set<std::pair<std::uint64_t, base::channel_id>> archive_due_;  // one entry for each active thread
  std::unordered_set<std::uint64_t> attachments_;  // only asked, never iterated
  record_reader* reader_ = nullptr;
  mutable message_bodies bodies_;
};

}  // namespace dbcord::guild
