#pragma once
// log_reads: the messages of the log's channels that were read in one attempt to read the log, so that a request that failed is not paid for with the channels before
// it, and several checkpoints that are tried do not each list the same one. Where few requests are let through, an attempt that began anew each time would never end. Used on one strand.

#include <map>
#include <memory>

#include "database/message_store.hpp"

namespace dbcord::database {

class log_reads {
 public:
  struct messages {
    std::vector<stored_message> all;
    base::system_time date;  // of the last answer
    bool emptied = false;    // somebody has deleted all that was there
  };

  // `staleness`: by how much a listing may be behind.
  log_reads(message_store& store, base::duration staleness) : store_(store), staleness_(staleness) {}

  // At least those above `after`, oldest first. store_errc::not_done when Discord hides what is there.
  actor::task<base::result<std::shared_ptr<const messages>>> read(base::channel_id channel, base::message_id after, call_options options);
  // What is read from now on is newer than this call.
  void forget() { known_.clear(); }

 private:
  actor::task<base::result<std::shared_ptr<const messages>>> list(base::channel_id channel, base::message_id after, call_options options);

  struct known {
    base::message_id after;
    std::shared_ptr<const messages> all;
  };

  message_store& store_;
  base::duration staleness_;
  std::map<base::channel_id, known> known_;
};

}  // namespace dbcord::database
