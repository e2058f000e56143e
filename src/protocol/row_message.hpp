#pragma once
// A row version as a Discord message that a person can read and a machine can check (design.md section 4).
// Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/log_record.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t max_key_bytes = 256;  // keeps heading and machine line within a message in the worst case

struct row_version {
  table_id table = 0;
  std::string table_name;
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  std::string json;  // compact UTF-8
  base::channel_id channel = {};  // the table's, for search tokens; zero: without
};

struct row_message {
  std::string content;
  std::optional<std::string> attachment;  // the JSON as UTF-8 when it does not fit into the content
};

struct row_header {
  table_id table = 0;
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  std::string json_hash;
  bool attached = false;
  bool searchable = false;  // search tokens for every scalar of the row stand in the message
};

row_message encode_row(const row_version& row, placement where = placement::automatic);
// Empty for any message that is not a well-formed row message. An inline row's JSON is checked against its hash.
std::optional<row_header> decode_row(std::string_view content);
// The compact JSON of a row, from its message.
base::result<std::string> decode_row_json(const row_header& header, std::string_view content,
                                          const std::optional<std::string>& attachment);

}  // namespace dbcord::protocol
