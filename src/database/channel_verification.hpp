#pragma once
// channel_verification: reads every message of a table's channels, once, and checks what it holds against where the table believes its rows and older versions
// to lie. What does not agree becomes a suspect (suspect_places); what nothing lies in is counted by kind. One run, by one task; the services outlive it.

#include "database/expected_places.hpp"
#include "database/page_reader.hpp"
#include "database/suspect_places.hpp"
#include "database/verification.hpp"
#include "database/verify_findings.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {

class channel_verification {
 public:
  channel_verification(const verification_context& context, table_ptr table, expected_places& expected, suspect_places& suspects, verify_findings& findings)
      : context_(context), table_(std::move(table)), expected_(expected), suspects_(suspects), findings_(findings) {}

  actor::task<base::result<void>> run();

 private:
  actor::task<base::result<void>> read_channel(base::channel_id channel);
  actor::task<base::result<void>> check(base::channel_id channel, const std::vector<stored_message>& messages);
  actor::task<base::result<void>> check_row(const protocol::row_header& header, const stored_message& message, const message_standing& standing);
  actor::task<base::result<void>> check_attachment(const protocol::row_header& header, const stored_message& message);
  actor::task<base::result<void>> check_page(base::channel_id channel, const protocol::page_header& header, const stored_message& message);
  actor::task<base::result<void>> check_rows_of_page(const page_rows& read, base::message_id page);
  bool is_young(base::message_id message) const;  // a listing may not tell of it yet
  // Of a channel that shows nothing: whether what should be there is deleted, and not hidden.
  actor::task<base::result<bool>> is_emptied(base::channel_id channel);
  void count_garbage(const message_standing& standing, std::uint64_t lsn, std::string key, const stored_message& message);
  // It is none of the table's, by what it says.
  actor::task<base::result<void>> check_other(base::channel_id channel, const stored_message& message);
  actor::task<base::result<void>> note_missing(const table_channels& channels);

  const verification_context& context_;
  table_ptr table_;
  expected_places& expected_;
  suspect_places& suspects_;
  verify_findings& findings_;
  std::set<base::channel_id> not_there_;  // channels that are gone, by people
  base::system_time begun_{};             // by Discord's clock
};

}  // namespace dbcord::database
