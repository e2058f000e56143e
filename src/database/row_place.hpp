#pragma once
// row_place: where a table believes one version of a row to lie; and what it makes of a message that was found in its channel. For verification. Plain data.

#include <cstdint>
#include <optional>
#include <string>

#include "database/garbage_kind.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct row_place {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;
  base::message_id row_message;  // zero: only the log has it
  unsigned part = 0;             // of the page row_message, from 1 on; zero: the message is its own
  bool live = false;             // else an older version that is kept
  bool lost = false;             // one that lies nowhere any more
};

// Whether it lies there still.
struct place_state {
  bool holds = false;
  std::string json_hash;  // of a live row whose value is in memory
};

// A message that holds one version of a row, by what its heading says.
struct row_copy {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id message;
};

// What the file of such a message must hold for the message to become the version's place.
struct awaited_file {
  std::optional<std::uint64_t> bytes;  // its size; none: only reading it tells
};

enum class file_state { whole, cut, unseen };

struct message_standing {
  enum class role {
    live,         // a row lies there; or, of a page, anything
    older,        // a version that is kept lies there
    unsettled,    // something may come to lie there: it was written just now, or has not been adopted yet
    garbage,      // nothing does or ever will
    left_behind   // the same, in a channel that the table is leaving, with which it goes
  };
  role as = role::unsettled;
  garbage_kind kind = garbage_kind::superseded;  // of garbage
  bool known = true;                             // of garbage: vacuum removes it without reading the channel first
  std::string json_hash;                         // of a live row whose value is in memory
};

}  // namespace dbcord::database
