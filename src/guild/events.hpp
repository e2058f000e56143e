#pragma once
// Tells gateway sessions what happened: who may see an event, and how each sees it (facts 5.4, 5.11, 6). A
// bot gets the events of its intents in channels that it can view, and content only with MESSAGE_CONTENT or
// of its own; people get every event of the guild. One caller at a time; never fails.

#include <span>
#include <string_view>

#include "guild/world.hpp"

namespace dbcord::guild {

namespace intents {
inline constexpr std::uint64_t guilds = 1u << 0;
inline constexpr std::uint64_t guild_members = 1u << 1;
inline constexpr std::uint64_t guild_presences = 1u << 8;
inline constexpr std::uint64_t guild_messages = 1u << 9;
inline constexpr std::uint64_t guild_message_reactions = 1u << 10;
inline constexpr std::uint64_t direct_messages = 1u << 12;
inline constexpr std::uint64_t message_content = 1u << 15;
inline constexpr std::uint64_t known = 0x1FFFF | (3u << 20) | (3u << 24);
}  // namespace intents

// Event names are literals: sessions keep views of them.
void announce_channel(world& w, std::string_view event, const channel& c);
void announce_message(world& w, std::string_view event, const channel& c, const stored_message& m,
                      std::string_view nonce = {});
// To all that can see the channel and have the intent.
void announce_in_channel(world& w, const channel& c, std::uint64_t intent, std::string_view event,
                         std::string data);
void announce_pins(world& w, const channel& c);
// An ephemeral message: for the application and `user` only.
void announce_ephemeral(world& w, std::string_view event, base::channel_id where, const stored_message& m,
                        base::user_id user);
void announce_removal(world& w, const channel& c, base::message_id id);
void announce_bulk_removal(world& w, const channel& c, std::span<const base::message_id> ids);
void announce_ephemeral_removal(world& w, base::channel_id where, base::message_id id, base::user_id user);
void announce_to_user(world& w, base::user_id user, std::string_view event, std::string data);

// True if that viewer sees content, embeds, attachments and components of the message.
bool sees_content(const world& w, const stored_message& m, base::user_id viewer, bool has_content_intent);

}  // namespace dbcord::guild
