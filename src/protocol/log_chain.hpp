#pragma once
// Which records of the log count: rules 2 to 4 and 9 of design.md section 6 as a pure function over records in any order.
// Message ids and the order of arrival play no part: requests in flight are applied in any order, and some long after
// their client gave up.

#include <optional>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::protocol {

// One record as found in a log channel.
struct chain_record {
  log_header header;
  base::channel_id channel;
  base::channel_id roll_to;  // of a `roll`: the only channel in which its successor counts
};

// Where validity begins: the last record of a checkpoint, at first the database's creation record.
struct chain_anchor {
  std::uint64_t epoch = 0;
  std::uint64_t attempt = 0;
  std::uint64_t lsn = 0;
  std::string hash;
  base::channel_id channel;  // in which its successor counts
};

// Positions in `records` of those that count, in chain order, each record once (records of equal hash are one record).
// Of the `start` records that chain back to the anchor the highest (epoch, attempt) counts with its ancestors; from it on, each
// time, the tip's child of the same epoch with the highest attempt. A `release` ends its epoch.
std::vector<std::size_t> valid_chain(const chain_anchor& anchor, const std::vector<chain_record>& records);

// A record that proves that another one is lost: it stands beyond the anchor's successor, and what it names as its predecessor is not there.
// Nobody writes on top of a record that is not on Discord, so somebody has deleted it. Empty: there is none.
std::optional<std::size_t> record_without_predecessor(const chain_anchor& anchor, const std::vector<chain_record>& records);

}  // namespace dbcord::protocol
