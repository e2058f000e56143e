#pragma once
// log_opening: how a process becomes the writer of a database (design.md section 6, rule 5): claim, wait, read both
// channels to the end, start. Used once, on the log actor's strand.

#include <vector>

#include "database/log_reader.hpp"
#include "database/writer_lease.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// A commit group found valid at opening.
struct recovered_group {
  std::uint64_t lsn = 0;
  base::message_id message;
  std::vector<protocol::transaction> transactions;
};

struct opened_log {
  protocol::log_header start;          // our own start record: the chain's tip
  std::vector<recovered_group> groups;  // in chain order
  base::message_id last_message;       // of the log channel, as far as read
};

class log_opening {
 public:
  log_opening(const actor::environment& env, message_store& store, const log_options& options, writer_lease& lease)
      : env_(env), store_(store), options_(options), lease_(lease) {}

  actor::task<base::result<opened_log>> run(base::steady_time deadline);

 private:
  struct chain {
    std::vector<found_record> records;  // the valid ones, in order
    base::message_id last_message;
    base::system_time read_from;        // Discord's time before the reads began
  };

  actor::task<base::result<void>> claim(base::steady_time deadline);
  actor::task<base::result<chain>> wait_and_read(base::steady_time deadline);
  actor::task<base::result<chain>> read_chain();
  actor::task<base::result<void>> read_control();
  base::system_time may_start_at(const chain& seen) const;
  actor::task<base::result<protocol::log_header>> start(chain seen, base::steady_time deadline);
  actor::task<base::result<std::vector<recovered_group>>> read_groups(chain seen, base::steady_time deadline);
  call_options request() const { return {priority::commit, env_.after(log_request_time)}; }

  const actor::environment& env_;
  message_store& store_;
  const log_options& options_;
  writer_lease& lease_;
  base::message_id claim_;
  bool alone_ = true;  // no other claim exceeds the tip's epoch
  std::uint64_t tip_epoch_ = 0;
};

}  // namespace dbcord::database
