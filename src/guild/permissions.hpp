#pragma once
// Effective permissions (facts 6). Pure, any thread.

#include <cstdint>

#include "guild/guild_state.hpp"

namespace dbcord::guild {

namespace permission {
inline constexpr std::uint64_t administrator = 1ull << 3;
inline constexpr std::uint64_t manage_channels = 1ull << 4;
inline constexpr std::uint64_t add_reactions = 1ull << 6;
inline constexpr std::uint64_t view_channel = 1ull << 10;
inline constexpr std::uint64_t send_messages = 1ull << 11;
inline constexpr std::uint64_t manage_messages = 1ull << 13;
inline constexpr std::uint64_t embed_links = 1ull << 14;
inline constexpr std::uint64_t attach_files = 1ull << 15;
inline constexpr std::uint64_t read_message_history = 1ull << 16;
inline constexpr std::uint64_t mention_everyone = 1ull << 17;
inline constexpr std::uint64_t change_nickname = 1ull << 26;
inline constexpr std::uint64_t manage_nicknames = 1ull << 27;
inline constexpr std::uint64_t manage_roles = 1ull << 28;
inline constexpr std::uint64_t use_application_commands = 1ull << 31;
inline constexpr std::uint64_t manage_threads = 1ull << 34;
inline constexpr std::uint64_t create_public_threads = 1ull << 35;
inline constexpr std::uint64_t create_private_threads = 1ull << 36;
inline constexpr std::uint64_t send_messages_in_threads = 1ull << 38;
inline constexpr std::uint64_t pin_messages = 1ull << 51;
inline constexpr std::uint64_t all = (1ull << 53) - 1;
// What @everyone has in a new guild: read, write, attach, link, react, threads, commands, invites, own
// nickname.
inline constexpr std::uint64_t everyone_default = 0x1 | 0x40 | view_channel | send_messages | embed_links |
                                                  attach_files | read_message_history | mention_everyone |
                                                  0x40000 | 0x100000 | 0x4000000 | use_application_commands |
                                                  create_public_threads | create_private_threads |
                                                  send_messages_in_threads;
}  // namespace permission

// In the whole guild, without channel overwrites.
std::uint64_t permissions_in_guild(const guild_state& state, base::user_id who);
// In a channel, with the implicit rules applied: without VIEW_CHANNEL nothing is left. In a thread those of
// its parent, where SEND_MESSAGES stands for SEND_MESSAGES_IN_THREADS; a private one shows itself to its
// members and to those with MANAGE_THREADS only.
std::uint64_t permissions_in_channel(const guild_state& state, const channel_settings& where,
                                     base::user_id who);

}  // namespace dbcord::guild
