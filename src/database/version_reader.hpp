#pragma once
// Reads superseded versions of rows: from the record of the log that wrote them, which also says who did it, or from their own
// messages or pages. A few coroutines over the message store with a memory of one log record; used by one task at a time.

#include "database/log_reader.hpp"
#include "database/log_segments.hpp"
#include "database/table_actor.hpp"
#include "database/value_reader.hpp"

namespace dbcord::database {

// What the table itself knows of it: all but the value, who and why.
row_change change_of(const past_version& version);

class version_reader {
 public:
  version_reader(message_store& store, const log_segments& log, value_reader& values, call_options options)
      : store_(store), log_(log), values_(values), options_(options) {}

  // With JSON, who and command; without the latter two if only the version's own message could be read. Without a location if nothing that tells of it is there any
  // more: a deletion whose record is truncated.
  // errc::damaged: nobody has it any more.
  actor::task<base::result<row_change>> read(protocol::table_id table, const table_channels& channels, const std::string& key, past_version version);

 private:
  actor::task<base::result<void>> load(std::uint64_t lsn, base::message_id log_message);
  bool take_from_log(protocol::table_id table, const std::string& key, row_change& change) const;

  message_store& store_;
  const log_segments& log_;
  value_reader& values_;
  call_options options_;
  base::message_id loaded_;
  std::vector<protocol::transaction> transactions_;
};

}  // namespace dbcord::database
