#pragma once
// The durable state of the guild: what the records say. It changes only through the functions below, each of
// which has a record of its own (record_codec), so that a replay gives the same state. Owned by the core; one
// caller at a time. Callers validate first; a change that cannot be applied is a bug when live and a damaged
// log when replayed.

#include <array>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

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
  void found(founding first);
  bool founded() const { return static_cast<bool>(first_.guild); }

  void put_channel(channel_settings settings);  // creates or changes
  bool remove_channel(
      base::channel_id id);  // a category's children lose their parent; false: no such channel
  // Creates or replaces; false: no such channel or author. `nonce` is JSON text, of a create only.
  bool put_message(base::channel_id where, stored_message message, std::string_view nonce = {});
  bool remove_message(base::channel_id where, base::message_id id);
  void put_commands(command_scope scope, std::vector<app_command> commands);

  const founding& first() const { return first_; }
  base::application_id application() const { return {first_.bot.id.value}; }
  const user& owner() const { return first_.owner; }
  const user& bot() const { return first_.bot; }
  const user* find_user(base::user_id id) const;
  const member* find_member(base::user_id id) const;
  const role* find_role(base::role_id id) const;
  const std::array<role, 2>& roles() const { return roles_; }
  const std::array<member, 2>& members() const { return members_; }

  const std::map<base::channel_id, channel>& channels() const { return channels_; }
  const channel* find_channel(base::channel_id id) const;
  const stored_message* find_message(base::channel_id where, base::message_id id) const;
  const std::vector<app_command>& commands(command_scope scope) const {
    return commands_[static_cast<std::size_t>(scope)];
  }
  bool has_attachment(base::attachment_id id) const { return attachments_.contains(id.value); }

  snowflake_generator ids;
  nonce_window nonces;

 private:
  void index_attachments(const stored_message& message);
  void forget_attachments(const stored_message& message);

  founding first_;
  std::array<role, 2> roles_;
  std::array<member, 2> members_;
  std::map<base::channel_id, channel> channels_;
  std::array<std::vector<app_command>, 2> commands_;
  std::unordered_set<std::uint64_t> attachments_;  // only asked, never iterated
};

}  // namespace dbcord::guild
