#pragma once
// caps: what a process of a run may hold, and whether it holds more: bytes of rows in memory, by its own account and by what its tables say of themselves, and bytes that
// wait for the log; of each database, and of all together. Pure, but for the coroutine, which lives in the process.

#include "database/database_administration.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

struct caps {
  std::uint64_t backlog = 0;               // of a database's queue
  std::uint64_t largest_transaction = 0;   // bytes by which the queue may be above its cap: one waits, whatever its size
  std::uint64_t memory = 0;                // of a database
  std::uint64_t memory_of_all = 0;
  std::uint64_t pending = 0;               // bytes that one transaction takes more while it is pending than the last tenth of a small memory has
  std::uint64_t deletions = 0;             // bytes that are kept of rows that are deleted where memory is full: that is never refused
};

caps caps_of(const scenario& s);
// Of one database. One line for each cap that is passed.
std::vector<std::string> check_caps(const database::database_summary& database, const database::memory_figures& memory, const caps& promised);
// Of all databases that are open there.
actor::task<std::vector<std::string>> look_at_caps(database::engine& engine, caps promised, base::steady_time deadline);

}  // namespace dbcord::simulation
