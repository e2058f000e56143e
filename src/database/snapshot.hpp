#pragma once
// snapshot: a table written into messages of #dbc-snapshots, and read back, part by part: memory holds one. Over the message store. Writing is
// not atomic: parts without their last one are garbage that nothing refers to.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/database_copies.hpp"
#include "protocol/snapshot_part.hpp"

namespace dbcord::database {

// Owned by one coroutine at a time.
class table_part_writer {
 public:
  static constexpr std::size_t part_bytes = 8 * 1024 * 1024;  // of an attachment, below what any guild takes as one file

  // `rows`: how many will be added. `part_bytes_max`: about so many, but for a row that needs more; a row is never cut.
  table_part_writer(const actor::environment& env, message_store& store, base::channel_id channel, const protocol::snapshot_head& head, std::uint64_t lsn,
                    std::uint64_t rows, base::steady_time deadline, std::size_t part_bytes_max = part_bytes);

  const std::string& token() const { return next_.snapshot; }  // of the snapshot, in all its parts
  // A row's JSON; in the order of keys.
  actor::task<base::result<void>> add(std::string_view row);
  actor::task<base::result<snapshot_summary>> finish();

 private:
  actor::task<base::result<void>> post(bool last);

  const actor::environment& env_;
  message_store& store_;
  base::channel_id channel_;
  std::string table_;
  base::steady_time deadline_;
  std::size_t part_bytes_max_;
  protocol::snapshot_part next_;
  std::string bytes_;  // of the next part
  snapshot_summary done_;
};

struct located_table_part {
  base::message_id message;
  protocol::snapshot_part header;
};

// All parts, first to last. `last`: the message of the last one.
actor::task<base::result<std::vector<located_table_part>>> find_table_parts(message_store& store, base::channel_id channel, base::message_id last,
                                                                            call_options options);

// Reads the rows one by one. Every part is checked against its hash, and their number of rows against what they state: errc::damaged. Owned by one coroutine at a time.
class table_part_reader {
 public:
  table_part_reader(message_store& store, base::channel_id channel, std::vector<located_table_part> parts, call_options options)
      : store_(store), channel_(channel), parts_(std::move(parts)), options_(options) {}

  // Before the first row.
  actor::task<base::result<protocol::snapshot_head>> head();
  // The next row's JSON; empty: the end, and all of them were there.
  actor::task<base::result<std::optional<std::string>>> next();
  std::uint64_t stated() const { return parts_.back().header.rows; }

 private:
  actor::task<base::result<std::optional<std::string>>> next_line();

  message_store& store_;
  base::channel_id channel_;
  std::vector<located_table_part> parts_;
  call_options options_;
  std::size_t read_ = 0;   // parts
  std::string bytes_;      // of the last one that was read
  std::size_t taken_ = 0;  // of bytes_
  std::uint64_t rows_ = 0;
};

// One part as a file, checked against its hash; where its bytes begin in the whole costs a request for each part before it. Empty: the message is a
// part of another kind of snapshot.
actor::task<base::result<std::optional<snapshot_file>>> read_table_part(message_store& store, base::channel_id channel, base::message_id part,
                                                                        call_options options);

}  // namespace dbcord::database
