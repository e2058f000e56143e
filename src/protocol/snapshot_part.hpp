#pragma once
// A snapshot of a table as Discord messages: parts with an attachment of JSON lines each, every part naming the one before it. The last
// part names the snapshot. The first line of the first part is the table's head (snapshot_head), every other line is a row.
// Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::protocol {

struct snapshot_part {
  std::string snapshot;        // random, the same in all its parts
  std::uint64_t number = 1;    // from 1
  std::uint64_t count = 1;     // of parts, in the last one; in others more than their number (of an earlier version: of parts)
  std::uint64_t lsn = 0;       // published when the snapshot was taken
  std::uint64_t rows = 0;      // in all parts
  base::message_id previous;   // of the part before; zero in the first
  std::string hash;            // record_hash of the attachment
};

std::string encode_snapshot_part(const snapshot_part& part, std::string_view table_name);
std::optional<snapshot_part> decode_snapshot_part(std::string_view content);
// Of which table it is, as the title of such a part says.
std::string snapshot_table(std::string_view content);

struct snapshot_index {
  std::string field;
  bool unique = false;
  bool channel = false;  // create_index::channel; a snapshot of an earlier version does not say
};
struct snapshot_settings {
  table_layout layout = table_layout::automatic;
  std::uint64_t history_versions = 0;  // limits of the history; the versions themselves are in no snapshot
  std::uint64_t history_age_s = 0;
  bool row_threads = false;  // rows that change have threads; a snapshot of an earlier version does not say
  std::uint64_t history_days() const { return history_age_s / (24 * 60 * 60); }
};
struct snapshot_head {
  std::string table;
  std::string primary_key;
  std::string schema_json = "{}";
  std::vector<snapshot_index> indexes;
  std::optional<snapshot_settings> settings = {};  // a snapshot of an earlier version does not say
};

std::string encode_snapshot_head(const snapshot_head& head);  // one line
base::result<snapshot_head> decode_snapshot_head(std::string_view line);

}  // namespace dbcord::protocol
