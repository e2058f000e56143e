#pragma once
// What a guild consists of, as plain data. Owned by guild_state; one caller at a time. Messages dominate
// memory: a channel has 24 bytes of each (message_table), the bodies lie on the disk, and the nonce is only in
// the record and, for some minutes, in nonce_window.

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "guild/message_table.hpp"

namespace dbcord::guild {

struct user {
  base::user_id id;
  std::string username;
  std::string discriminator;
  bool bot = false;
};

struct role {
  base::role_id id;
  std::string name;
  std::uint64_t permissions = 0;
  int position = 0;
  bool managed = false;
  base::user_id bot;  // whose managed role it is, or 0
  int color = 0;
  bool hoist = false;
  bool mentionable = false;
};

struct member {
  base::user_id user;
  std::vector<base::role_id> roles;  // without @everyone
  base::system_time joined_at;
  std::string nick;  // empty: none
};

struct overwrite {
  std::uint64_t id = 0;  // of a role or a user
  bool for_member = false;
  std::uint64_t allow = 0;
  std::uint64_t deny = 0;

  friend bool operator==(const overwrite&, const overwrite&) = default;
};

struct attachment {
  base::attachment_id id;
  std::uint64_t size = 0;
  std::string filename;
  std::string title;        // the original name if it was changed, else empty
  std::string description;  // empty: none
};

// The interaction that opened a modal.
struct interaction_trigger {
  base::interaction_id id;
  int type = 0;
  std::string name;                     // of the command
  base::message_id interacted_message;  // of a component
};

// What a message that answers an interaction tells of it (facts 3.8, interaction_metadata).
struct interaction_origin {
  base::interaction_id id;
  int type = 0;  // of the interaction: 2 command, 3 component, 5 modal
  base::user_id user;
  std::string name;                     // of the command, for the deprecated `interaction` field
  base::message_id original_response;   // of a follow-up
  base::message_id interacted_message;  // of a component
  base::user_id target_user;            // of a command on a user
  base::message_id target_message;      // of a command on a message
  std::optional<interaction_trigger> trigger;  // of a modal
};

struct reaction {
  std::string emoji;  // Unicode
  std::vector<base::user_id> users;
};

struct message_extras {
  std::vector<attachment> attachments;
  std::string embeds;      // JSON array, or empty
  std::string components;  // JSON array, or empty
  std::vector<base::user_id> mentions;
  std::vector<base::role_id> mention_roles;
  bool mention_everyone = false;
  base::message_id reference;            // the message that this one refers to
  base::channel_id reference_channel;    // where that is, or the channel that is meant; 0: the same channel
  std::optional<interaction_origin> interaction;
  std::uint64_t pinned_ms = 0;  // Unix milliseconds; 0: not pinned
  std::vector<reaction> reactions;
};

namespace message_flags {
inline constexpr std::uint32_t suppress_embeds = 1u << 2;
inline constexpr std::uint32_t has_thread = 1u << 5;
inline constexpr std::uint32_t ephemeral = 1u << 6;
inline constexpr std::uint32_t loading = 1u << 7;
inline constexpr std::uint32_t suppress_notifications = 1u << 12;
inline constexpr std::uint32_t settable_on_create = suppress_embeds | suppress_notifications;
}  // namespace message_flags

namespace message_types {
inline constexpr std::uint8_t normal = 0;
inline constexpr std::uint8_t channel_pinned_message = 6;
inline constexpr std::uint8_t thread_created = 18;
inline constexpr std::uint8_t reply = 19;
inline constexpr std::uint8_t chat_input_command = 20;
inline constexpr std::uint8_t thread_starter = 21;
inline constexpr std::uint8_t context_menu_command = 23;
}  // namespace message_types

// A body as its record says it. It may leave memory between two inputs and is read again from that record: whatever changes
// it must be a record of the whole message (world::store_message), never a change in place.
struct stored_message {
  base::message_id id;
  base::user_id author;
  std::uint64_t edited_ms = 0;  // Unix milliseconds; 0: never edited
  std::string content;
  std::unique_ptr<message_extras> extras;
  std::uint32_t flags = 0;
  std::uint8_t type = 0;

  message_extras& need_extras() {
    if (!extras) extras = std::make_unique<message_extras>();
    return *extras;
  }
  stored_message clone() const {
    stored_message copy{id, author, edited_ms, content, nullptr, flags, type};
    if (extras) copy.extras = std::make_unique<message_extras>(*extras);
    return copy;
  }
};

namespace channel_types {
inline constexpr int text = 0;
inline constexpr int category = 4;
inline constexpr int public_thread = 11;
inline constexpr int private_thread = 12;

constexpr bool is_thread(int type) {
  return type == public_thread || type == private_thread;
}
constexpr bool holds_messages(int type) {
  return type == text || is_thread(type);
}
}  // namespace channel_types

struct thread_member {
  base::user_id user;
  std::uint64_t joined_ms = 0;  // Unix milliseconds
};

// What a channel has if it is a thread (facts 3.7).
struct thread_settings {
  base::user_id owner;
  int auto_archive_minutes = 0;
  bool archived = false;
  bool locked = false;
  bool invitable = true;         // of a private one
  std::uint64_t created_ms = 0;  // not in the id of one that a message started
  std::uint64_t archive_ms = 0;  // of creation, of the last (un)archiving or change of the duration
  std::vector<thread_member> members;
};

// Everything about a channel but its messages.
struct channel_settings {
  base::channel_id id;
  int type = channel_types::text;
  std::string name;
  std::string topic;  // empty: null
  base::channel_id parent;
  int position = 0;
  int rate_limit_per_user = 0;
  bool nsfw = false;
  std::vector<overwrite> overwrites;
  std::optional<thread_settings> thread;  // exactly for the types that are threads
};

struct channel : channel_settings {
  base::message_id last_message;                   // may have been deleted
  std::uint64_t messages_sent = 0;                 // of a thread: without the starter, with deleted ones
  std::uint64_t archive_due_ms = 0;                // of an active thread: when to look whether it is idle
  message_table messages;                          // bodies: guild_state::find_message
  std::map<base::message_id, std::uint64_t> pins;  // with their times: the messages that have pinned_ms
};

struct app_command {
  base::command_id id;
  std::uint64_t version = 0;
  int type = 1;
  std::string name;
  boost::json::object definition;  // validated; without id, version, application_id, guild_id
};

}  // namespace dbcord::guild
