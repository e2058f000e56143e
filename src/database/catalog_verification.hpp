#pragma once
// catalog_verification: reads #dbc-catalog again and compares it with what the database is: its creation record, by which the next start finds it, and the
// descriptors of its tables, which people read; and looks for the channels that a start looks for. What access rules and policies there are stands in the log and
// in checkpoints. Stateless coroutines.

#include <set>
#include <vector>

#include "database/creation_record.hpp"
#include "database/verification.hpp"
#include "database/verify_findings.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::database {

inline constexpr std::string_view catalog_kind = "catalog";

struct described_table {
  protocol::create_table definition;  // with its present channel
  base::message_id message;           // that describes it
};
struct expected_catalog {
  creation_record creation;
  std::vector<described_table> tables;                                         // that are described by now
  std::vector<std::pair<base::channel_id, protocol::channel_topic>> channels;  // that a start finds by their topics, or by ids in the records
};

// The messages that the catalog lacks.
struct checked_catalog {
  std::vector<std::string> missing;
};
actor::task<base::result<checked_catalog>> verify_catalog(const verification_context& context, const expected_catalog& expected, verify_findings& findings);

}  // namespace dbcord::database
