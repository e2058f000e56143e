#pragma once
// Which messages can hold what a log record has written: only younger ones, since rows are written when their record is acknowledged. An older message of the
// same key and LSN is of a record that people have deleted, whose LSN was given again by a later process.
//
// Ids are minted by many clocks (of different workers), so a message may have a lower id than the record that was acknowledged before it was sent. Nobody deletes a
// record by hand and has its LSN given again within that time.

#include "dbcord/base/ids.hpp"
#include "protocol/writer_rules.hpp"

namespace dbcord::database {

// `log_message`: of the version's record; zero: not known.
inline bool is_of_another_record(base::message_id log_message, base::message_id message) {
  return log_message && base::created_at(message) + protocol::ids_differ < base::created_at(log_message);
}

}  // namespace dbcord::database
