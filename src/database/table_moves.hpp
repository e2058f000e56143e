#pragma once
// table_moves: the part of the engine's interface that writes a table anew into a fresh channel and deletes the old one: for a channel full of messages that
// are too old to be deleted in bulk. Any executor.

#include <cstdint>
#include <optional>
#include <string>

#include "database/engine.hpp"

namespace dbcord::database {

struct move_report {
  bool begun = false;             // by this call; else an earlier move was gone on with
  base::channel_id from;          // zero: there was nothing left to do
  base::channel_id to;
  std::uint64_t rows = 0;         // that this call has seen written elsewhere
  std::uint64_t versions = 0;     // older ones, likewise
  std::optional<std::string> stopped;  // why the old channel is still there
  std::uint64_t waiting = 0;           // rows that wait for a message of their own at the end
  std::uint64_t lost = 0;              // rows whose values nobody has any more, so that they have none there
};

class table_moves {
 public:
  virtual ~table_moves() = default;
  // Rows and older versions are written into a new channel while the table is used, then the old one is deleted. Past the deadline, cancelled by
  // `context.progress`, or after a crash, the table lies in both channels, nothing is lost, and the next call goes on. An error: nothing was begun.
  virtual actor::task<base::result<move_report>> move_table(std::string database, std::string table, write_context context) = 0;
};

}  // namespace dbcord::database
