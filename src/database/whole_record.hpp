#pragma once
// Whether a log record's attachment was stored whole. Discord tells its size with the message, so nothing is downloaded. One that was cut while it was uploaded
// stands under a header that is right: its writer has seen that, or has seen no answer, and acknowledges no such record, so it must not count. But the same record,
// sent again when Discord did not know its nonce any more, may stand there whole as well: of records of equal hash any whole copy serves. Pure, any thread.

#include "database/log_reader.hpp"

namespace dbcord::database {

bool is_whole(const found_record& found);

// Each record of one channel once, in the order of its first copy; its others are `copies`. Those that are whole stand first.
std::vector<found_record> one_of_each(std::vector<found_record> found);

}  // namespace dbcord::database
