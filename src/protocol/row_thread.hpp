#pragma once
// The thread of a row: what it is called, and its messages, one for each version of the row. A view for people; machines read from it only which row it
// is of and how far it goes. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/transaction.hpp"

namespace dbcord::protocol {

// Which row of its database: 20 hex digits. Names of threads are too short for keys, and people change them.
std::string row_thread_tag(table_id table, std::string_view key);

// "u_1 (history 0123456789abcdef0123)": as much of the key as fits. Discord says the name in the parent channel, too (message type 18).
std::string row_thread_name(std::string_view key, std::string_view tag);
std::optional<std::string> tag_of_thread_name(std::string_view name);

struct thread_entry {
  std::string tag;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
};

struct shown_version {
  thread_entry of;
  std::string when;      // as people read it
  bool deleted = false;  // then without JSON
  std::string who;       // user id; or empty
  std::string command;   // "dbc_insert"; or empty
  std::string json;      // compact UTF-8
  std::string instead;   // a sentence where the value cannot be shown; then without JSON
};

// At most 2,000 characters of ASCII: a value that is too long is cut, which the message says.
std::string encode_thread_entry(const shown_version& v);
std::optional<thread_entry> decode_thread_entry(std::string_view content);

}  // namespace dbcord::protocol
