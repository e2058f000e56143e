#pragma once
// Whether a log record's attachment was stored whole. Discord tells its size with the message, so nothing is downloaded. One that was cut while it was uploaded
// stands under a header that is right: its writer has seen that, or has seen no answer, and acknowledges no such record, so it must not count. Pure, any thread.

#include "database/log_reader.hpp"

namespace dbcord::database {

bool is_whole(const found_record& found);

}  // namespace dbcord::database
