#pragma once
// Versions of rows that stand in messages of the tables' channels though the log records that wrote them are lost. A row is written as a message when its record is
// acknowledged, so such a message proves what the record said of that row. Plain data and pure functions.

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "database/page_place.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct recovered_group;

// A row's message, or a page with all that it holds.
struct message_of_lost_rows {
  protocol::table_id table = 0;
  base::channel_id channel;
  base::message_id message;
  bool page = false;
  std::vector<page_place> rows;
};

struct rows_of_lost_records {
  // Of one record: what is known of it.
  struct of_record {
    base::message_id oldest;                                                          // message that holds something of it
    std::map<std::tuple<protocol::table_id, std::string, std::uint64_t>, std::string> json;  // by table, key and version
  };
  std::map<std::uint64_t, of_record> records;   // by LSN
  std::vector<message_of_lost_rows> messages;   // oldest first in each channel
  std::uint64_t newest_lsn = 0;                 // that any message that was read names
  std::vector<std::string> unreadable;          // sentences

  void add(protocol::table_id table, const page_place& row, std::string_view json, base::message_id message);
  std::uint64_t versions() const;
};

// As groups among those that the log still has, so that what it tells later of the same keys counts more. Their message is the oldest that holds something of them: no record
// is younger than what it wrote, and nothing else is known of its time.
void add_found(std::vector<recovered_group>& groups, std::map<std::uint64_t, rows_of_lost_records::of_record>&& found);

}  // namespace dbcord::database
