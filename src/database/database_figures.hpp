#pragma once
// figure_source: the part of the engine's interface that tells how databases are doing, for metrics and /dbc_inspect. Any executor.

#include <optional>
#include <string>
#include <vector>

#include "database/cache_figures.hpp"
#include "database/engine.hpp"
#include "database/histogram.hpp"
#include "database/memory_account.hpp"
#include "database/write_problem.hpp"

namespace dbcord::database {

struct database_figures {
  std::string database;
  memory_figures memory;
  std::uint64_t waiting_rows = 0;              // that get messages of their own as soon as the limits allow
  base::duration oldest_waits{};               // since the oldest of them was committed
  std::uint64_t set_aside_rows = 0;            // that Discord will not store as messages: they stay in the log
  std::uint64_t queued_bytes = 0;              // of transactions that wait for the log
  histogram_figures commit_seconds;            // of transactions by this process, from their validation to their acknowledgement
  cache_figures cache;                         // of all its tables
  histogram_figures group_transactions;        // of commit groups by this process: how many each holds
  std::optional<base::duration> lease_age;     // since this process was last seen to be the only writer; empty: it never was
  std::string lease_problem;                   // why the last attempt to make sure of that failed; empty: it did not
  std::vector<base::channel_id> undeleted;     // channels of dropped or moved tables that are not deleted yet
  std::string deletion_problem;                // why not, when they were tried the last time; empty: nothing has failed
  std::uint64_t lost_rows = 0;                 // whose values nobody has any more
  std::vector<write_problem> write_problems = {};  // of the log first, then of tables whose rows wait
};

class figure_source {
 public:
  virtual ~figure_source() = default;
  virtual actor::task<base::result<database_figures>> figures(std::string database, read_context context) = 0;
  virtual memory_figures memory() const = 0;  // of all databases together
};

}  // namespace dbcord::database
