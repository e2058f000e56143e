#pragma once
// A committed row as a table keeps it. Plain data.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct stored_row {
  std::string json;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;  // the commit group that holds it
  base::message_id row_message;  // its own message; zero: not materialised
};
using stored_rows = std::map<std::string, stored_row, std::less<>>;

}  // namespace dbcord::database
