#pragma once
// dump_parts: a snapshot of a whole database as messages of #dbc-snapshots (protocol/dump_part), written and read part by part: memory holds one
// part. Owned by one coroutine at a time. A failed write leaves parts that nothing refers to.

#include "database/database_copies.hpp"
#include "protocol/dump_part.hpp"
#include "protocol/dump_stream.hpp"
#include "protocol/zstd_frame.hpp"

namespace dbcord::database {

class dump_part_writer {
 public:
  static constexpr std::size_t part_bytes = 8 * 1024 * 1024;  // of an attachment, below what any guild takes as one file

  // `part_bytes_max`: about so many, but for a row that needs more; a line is never cut.
  dump_part_writer(const actor::environment& env, message_store& store, base::channel_id channel, std::string database, std::uint64_t lsn,
                   std::uint64_t tables, base::steady_time deadline, std::size_t part_bytes_max = part_bytes);

  const std::string& token() const { return next_.snapshot; }  // of the snapshot, in all its parts
  // A line of the dump, with its line break; `rows`: how many rows it is, 0 or 1.
  actor::task<base::result<void>> add(std::string line, std::uint64_t rows);
  actor::task<base::result<database_snapshot_summary>> finish();

 private:
  actor::task<base::result<void>> post();

  const actor::environment& env_;
  message_store& store_;
  base::channel_id channel_;
  std::string database_;
  base::steady_time deadline_;
  std::size_t part_bytes_max_;
  protocol::zstd_writer packer_;
  protocol::dump_part next_;
  message_link newest_;
};

struct located_dump_part {
  base::message_id message;
  protocol::dump_part header;
};

// The part that is named, and with `whole` all before it, first to last; then it must be the last one.
actor::task<base::result<std::vector<located_dump_part>>> find_dump_parts(message_store& store, base::channel_id channel, base::message_id part, bool whole,
                                                                          call_options options);
actor::task<base::result<std::string>> read_dump_part(message_store& store, base::channel_id channel, located_dump_part part, call_options options);

// Reads the items of a dump one by one. errc::damaged: the snapshot is incomplete or damaged.
class dump_part_reader {
 public:
  dump_part_reader(message_store& store, base::channel_id channel, std::vector<located_dump_part> parts, call_options options)
      : store_(store), channel_(channel), parts_(std::move(parts)), options_(options) {}

  // Empty: the end, and the dump is complete.
  actor::task<base::result<std::optional<protocol::dump_item>>> next();

 private:
  message_store& store_;
  base::channel_id channel_;
  std::vector<located_dump_part> parts_;
  call_options options_;
  std::size_t read_ = 0;
  protocol::dump_stream stream_;
};

}  // namespace dbcord::database
