#pragma once
// A committed row as a table shows it. The texts are views: valid until the table changes.

#include <cstdint>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct stored_row {
  std::string_view json;          // empty while the value is evicted
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;   // the commit group that holds it
  base::message_id row_message;   // its own message, or the page that it lies in; zero: not materialised
  unsigned part = 0;              // of the page, from 1 on; zero: the message is its own
  bool resident = true;
  std::string_view digest = {};   // of an evicted row: the fields that rules look at
  std::uint64_t json_size = 0;
  bool digest_complete = true;
  std::string_view fingerprints = {};  // of an evicted row: protocol::row_fingerprints of what is not in the digest; empty: there are none

  // Enough of the row for indexes, whether it is resident or not.
  std::string_view indexed_fields() const { return resident ? json : digest; }
};

}  // namespace dbcord::database
