#pragma once
// When checkpoints are written. A checkpoint costs what the whole base takes, so it waits until the log has grown in proportion: with
// `share` 4, at most 4 bytes of checkpoint are written for each byte of log, whatever else asks for one; but for many small records, each of which a start has to list:
// behind so many the proportion does not matter, so that a start takes as few requests however large the base is.

#include <cstddef>

#include "dbcord/base/clock.hpp"

namespace dbcord::database {

struct checkpoint_options {
  bool enabled = true;
  std::size_t tail_messages = 400;            // of the log: four requests to read
  std::size_t tail_messages_most = 1'000;     // whatever their bytes, for each 64 MiB of base
  std::size_t tail_files = 4;                 // records with an attachment: a request each
  std::size_t tail_bytes = 4 * 1024 * 1024;
  base::duration interval = std::chrono::minutes(5);
  std::size_t share = 4;                      // base bytes for each byte of tail, at most
  std::size_t close_messages = 100;           // at a clean end: written if it saves the next process a request
  std::size_t part_bytes = 8 * 1024 * 1024;   // of an attachment
  std::size_t segment_messages = 1000;        // of the log's channel: then it goes on in another one
  std::size_t segments_kept = 4;              // up to so many nobody minds what holds them; at least one
  std::size_t message_bytes = 24 * 1024 * 1024;  // of one message's attachments: 25 MiB a request (Discord docs, Uploading Files)
};

// What the log holds beyond the last checkpoint.
struct log_tail {
  std::size_t messages = 0;
  std::size_t files = 0;
  std::size_t bytes = 0;
};

// `base_bytes`: of the last checkpoint as stored; `age`: since it was written, or since the start.
bool checkpoint_due(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes, base::duration age);
bool checkpoint_due_at_close(const checkpoint_options& options, const log_tail& tail, std::size_t base_bytes);

}  // namespace dbcord::database
