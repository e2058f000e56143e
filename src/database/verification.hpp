#pragma once
// verification: compares a table as memory has it with what lies in Discord: every message of its channels is read, attachments of rows and of kept versions
// too, and the log is read again (channel_verification, suspect_places, log_verification); what belongs to the whole database is in checkpoint_verification and
// catalog_verification. Changes nothing. Stateless coroutines; the table goes on working meanwhile, and what changes during the run is not reported.

#include <functional>

#include "database/log_reader.hpp"
#include "database/log_segments.hpp"
#include "database/table_actor.hpp"
#include "database/value_reader.hpp"
#include "database/verify_findings.hpp"

namespace dbcord::database {

struct verification_context {
  const actor::environment& env;
  message_store& store;
  const log_segments& log;
  value_reader& values;
  std::function<log_start()> start;  // where the log is read from now: what stands before may be truncated while the run works
  std::uint64_t lsn = 0;  // published when the run begins
  base::duration staleness;  // by which a listing may be behind
  base::steady_time deadline;
  work_progress_ptr progress;  // in messages of the tables, of which it has the total; may be null
  bool log_can_be_left = false;  // checkpoints can be written, so that no start needs what the log lacks
  bool adopting = false;       // when the run begins: what has no place may have one that is not known yet

  call_options options() const { return {priority::maintenance, deadline}; }
};

// Adds to the report of `findings`; what the log has of it is looked for, the log itself is for log_verification.
actor::task<base::result<void>> verify_table(verification_context context, table_ptr table, verify_findings& findings);

}  // namespace dbcord::database
