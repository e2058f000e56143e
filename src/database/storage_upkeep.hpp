#pragma once
// storage_upkeep: the part of the engine's interface that removes messages for good. Any executor. Removing happens only after an acknowledged
// `drop` record names what goes (design.md section 7); what is interrupted is gone on with by the next call.

#include <cstdint>
#include <optional>
#include <string>

#include "database/engine.hpp"

namespace dbcord::database {

struct vacuum_report {
  std::uint64_t found = 0;             // messages that no row lives in, known before
  std::uint64_t removed = 0;
  std::optional<std::string> stopped;  // why it ended before all were removed
};

class storage_upkeep {
 public:
  virtual ~storage_upkeep() = default;

  // Deletes messages of older versions and of deleted rows, of one table or (`table` empty) of all. What is left when the deadline passes is
  // removed by the next one.
  virtual actor::task<base::result<vacuum_report>> vacuum(std::string database, std::string table, read_context context) = 0;
};

}  // namespace dbcord::database
