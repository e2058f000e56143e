#pragma once
// The topic of a channel that dbcord owns: names the object that the channel holds. Objects are bound by channel id once
// recorded; until then they are found by topic (design.md section 1). Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::protocol {

enum class channel_role { catalog, control, log, table, snapshots, checkpoints, index };
std::string_view to_string(channel_role role);

struct channel_topic {
  channel_role role = channel_role::catalog;
  std::string database_id;    // 16 characters of [a-z0-9]
  std::string database_name;
  std::string object;         // log: segment number; table: table name; index: numbers of table and index; else empty
};

// Of the category that a database's channels are made in.
std::string category_name(std::string_view database);

std::string encode_topic(const channel_topic& topic);
std::optional<channel_topic> decode_topic(std::string_view text);

}  // namespace dbcord::protocol
