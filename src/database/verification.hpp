#pragma once
// verification: compares a table as memory has it with what lies in Discord: every message of its channel is read, attachments of live rows
// too, and the log is read again. Changes nothing. A stateless coroutine; its table goes on working meanwhile, and what changes
// during the run is not reported.

#include <functional>

#include "database/log_reader.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

struct verification_context {
  message_store& store;
  log_start from;              // of the log
  std::uint64_t lsn = 0;  // published when the run begins
  base::steady_time deadline;
  work_progress_ptr progress;  // in messages of the table; may be null
};

actor::task<base::result<verify_report>> verify_table(verification_context context, table_ptr table);

}  // namespace dbcord::database
