#pragma once
// command_outcomes: the part of the engine's interface that tells what became of a command whose caller was told that its outcome is not known. Any executor.

#include <cstdint>
#include <string>

#include "database/engine.hpp"

namespace dbcord::database {

struct command_outcome {
  enum class state {
    done,
    running,    // still being written, or read back
    not_done,   // and it never will be
    forgotten,  // given too long ago, or too many others ago, to be known
  };
  state is = state::not_done;
  std::string database;          // of what was done
  std::uint64_t operations = 0;  // likewise: changes
  std::uint64_t lsn = 0;         // of its last record in the log
  message_link record;
};

class command_outcomes {
 public:
  virtual ~command_outcomes() = default;
  // By its idempotency key (of what several transactions did under parts of it, all together). An error: what was done cannot be told now, e.g. since a database is not open.
  virtual actor::task<base::result<command_outcome>> outcome_of(std::string idempotency_key, read_context context) = 0;
};

}  // namespace dbcord::database
