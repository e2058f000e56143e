#pragma once
// storage_upkeep: the part of the engine's interface that is about the messages that rows lie in, and that removes some for good. Any executor. Removing happens only after an acknowledged
// `drop` record names what goes (design.md section 7); what is interrupted is gone on with by the next call.

#include <cstdint>
#include <optional>
#include <string>

#include "database/engine.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct vacuum_report {
  std::uint64_t scanned = 0;           // messages that were read to find those that nobody knew of
  std::uint64_t found = 0;             // messages that no row lives in
  std::uint64_t removed = 0;
  garbage_counts kinds;                // of those that were removed
  std::uint64_t snapshot_parts_removed = 0;  // besides: of snapshots that were never finished
  std::string snapshots;               // a sentence: why such parts stay
  std::uint64_t pages_rewritten = 0;   // of which little was left: their rows get other places, then they can be removed
  std::uint64_t rows_moved = 0;        // out of those
  std::uint64_t versions_written = 0;  // older ones that lay in old segments of the log only, which can go behind the next checkpoints
  std::string log;                     // a sentence: why those segments stay
  std::optional<std::string> stopped;  // why it ended before all were removed
};

// What became of each place that held the row; a sentence: what is not done there, and why.
struct purge_report {
  bool row = false;        // there was one, or a history of one; false too if all that is known of it is that it was deleted
  bool cancelled = false;  // by `context.progress`; the sentences tell what that has left undone, if anything
  std::uint64_t lsn = 0;   // of the record that erased it, else of the newest one when the purge began
  std::uint64_t newest_version = 0;  // LSN up to which a version is of the row that was erased; later ones are of a new row
  std::string checkpoints;
  std::string log;
  std::uint64_t messages_removed = 0;
  std::string messages;
  std::uint64_t threads_removed = 0;
  std::string threads;
  std::uint64_t index_channels_written = 0;  // anew, of the table's indexes
  std::string index_channels;
  std::uint64_t snapshots_looked_at = 0;
  std::uint64_t snapshots_removed = 0;
  std::string snapshots;
};

class storage_upkeep {
 public:
  virtual ~storage_upkeep() = default;

  // Deletes messages of older versions and of deleted rows, of one table or (`table` empty) of all. What is left when the deadline passes is
  // removed by the next one. `scan`: every message is read before, so that copies are found that a lost answer has left unknown.
  virtual actor::task<base::result<vacuum_report>> vacuum(std::string database, std::string table, bool scan, read_context context) = 0;
  // How rows are written from now on; those that are written stay as they are.
  virtual actor::task<base::result<write_receipt>> set_layout(std::string database, std::string table, protocol::table_layout layout,
                                                              write_context context) = 0;
  // Erases a row with its history from the table, the log, the checkpoints, its thread, the channels of indexes and the snapshots. An error: nothing was done.
  // `context.progress` counts steps; cancelled by it, the step under way ends and no other begins. Given again it does what is left.
  virtual actor::task<base::result<purge_report>> purge(std::string database, std::string table, std::string key, write_context context) = 0;
};

}  // namespace dbcord::database
