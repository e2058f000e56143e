#pragma once
// The records that make the guild's state durable: one line of JSON each, naming its kind in "t". The first
// is "found" and carries the format version. Pure, one caller at a time; encoding never fails, decoding
// refuses what makes no sense (base::errc::invalid_argument).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"
#include "guild/guild_state.hpp"

namespace dbcord::guild {

inline constexpr int record_format_version = 1;

std::string encode_founding(const founding& first);
std::string encode_channel(const channel_settings& settings);
std::string encode_channel_removal(base::channel_id id);
std::string encode_message(base::channel_id where, const stored_message& message,
                           std::string_view nonce = {});
std::string encode_message_removal(base::channel_id where, std::span<const base::message_id> ids);
std::string encode_role(const role& r);
std::string encode_role_removal(base::role_id id);
std::string encode_member(const member& m);  // what can change of it
std::string encode_commands(command_scope scope, const std::vector<app_command>& commands);
// Ids up to `last` may have been given out to things that are not kept (interactions, ephemeral messages).
std::string encode_id_reservation(std::uint64_t last);

// Records that bring back everything of `state` but its messages, in an order that can be replayed. No id up to `last_id` is
// given out again. Used for snapshots: what a new kind of record changes must be said here as well.
std::vector<std::string> encode_all_but_messages(guild_state& state, std::uint64_t last_id, base::system_time now);

// Applies one record to the state. `place`: where it lies, if it can be read again.
base::result<void> replay_record(std::string_view record, guild_state& state, record_place place = {});
// The message of a message's record, which has been replayed or made by encode_message before.
base::result<stored_message> decode_message(std::string_view record);

}  // namespace dbcord::guild
