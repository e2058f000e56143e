#pragma once
// Discord ids (snowflakes) as strong types: a message_id is no channel_id.
// Layout (Discord docs, Reference, Snowflakes): bits 63-22 milliseconds since 2015-01-01T00:00:00Z.

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"

namespace dbcord::base {

template <class Tag>
struct snowflake {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(snowflake, snowflake) = default;
  explicit constexpr operator bool() const { return value != 0; }
  std::string str() const { return std::to_string(value); }
};

using guild_id = snowflake<struct guild_tag>;
using channel_id = snowflake<struct channel_tag>;
using message_id = snowflake<struct message_tag>;
using attachment_id = snowflake<struct attachment_tag>;
using user_id = snowflake<struct user_tag>;
using role_id = snowflake<struct role_tag>;
using application_id = snowflake<struct application_tag>;
using interaction_id = snowflake<struct interaction_tag>;
using command_id = snowflake<struct command_tag>;

// Decimal digits only, the whole text, not zero-length; nothing else is an id.
template <class Id>
std::optional<Id> parse_id(std::string_view text) {
  Id id;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id.value);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

inline constexpr std::int64_t discord_epoch_ms = 1420070400000;

template <class Tag>
system_time created_at(snowflake<Tag> id) {
  return system_time(std::chrono::milliseconds(static_cast<std::int64_t>(id.value >> 22) + discord_epoch_ms));
}

// The lowest id of that millisecond; a paging cursor.
template <class Id>
Id id_at(system_time when) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  if (ms <= discord_epoch_ms) return Id{0};
  return Id{static_cast<std::uint64_t>(ms - discord_epoch_ms) << 22};
}

}  // namespace dbcord::base

template <class Tag>
struct std::hash<dbcord::base::snowflake<Tag>> {
  std::size_t operator()(dbcord::base::snowflake<Tag> id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
