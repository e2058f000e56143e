#pragma once
// Which messages can hold what a log record has written: only younger ones, since rows are written when their record is acknowledged. An older message of the
// same key and LSN is of a record that people have deleted, whose LSN was given again. Ids of messages that are in flight together may come out of order: what
// is refused for that is written once more.

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

// `log_message`: of the version's record; zero: not known.
inline bool is_of_another_record(base::message_id log_message, base::message_id message) { return log_message && message < log_message; }

}  // namespace dbcord::database
