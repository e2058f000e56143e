#pragma once
// Reads superseded versions of rows: from the record of the log that wrote them, which also says who did it, or from their own
// messages. A few coroutines over the message store with a memory of one log record; used by one task at a time.

#include "database/log_reader.hpp"
#include "database/log_segments.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

class version_reader {
 public:
  version_reader(message_store& store, const log_segments& log, call_options options) : store_(store), log_(log), options_(options) {}

  // With JSON, who and command; without the latter two if only the version's own message could be read.
  actor::task<base::result<row_change>> read(const protocol::create_table& table, const std::string& key, past_version version);

 private:
  actor::task<base::result<void>> load(std::uint64_t lsn, base::message_id log_message);
  bool take_from_log(protocol::table_id table, const std::string& key, row_change& change) const;
  actor::task<base::result<std::string>> from_own_message(base::channel_id channel, base::message_id message);

  message_store& store_;
  const log_segments& log_;
  call_options options_;
  base::message_id loaded_;
  std::vector<protocol::transaction> transactions_;
};

}  // namespace dbcord::database
