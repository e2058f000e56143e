#pragma once
// A checkpoint as read back: what the tables of a database are filled with at start, before the log's tail is replayed. Plain data.

#include <map>
#include <optional>
#include <vector>

#include "protocol/checkpoint_image.hpp"
#include "protocol/log_chain.hpp"
#include "protocol/roll_record.hpp"

namespace dbcord::database {

struct loaded_table {
  protocol::image_table head;
  std::vector<protocol::image_row> rows;  // in the order of their keys
  std::vector<base::message_id> garbage;
  std::vector<protocol::image_garbage_kind> garbage_kinds;
  std::vector<protocol::image_page> pages;
  std::optional<protocol::image_history> history;
  std::vector<base::message_id> seen_in_search;
};

struct loaded_image {
  protocol::chain_anchor anchor;
  base::message_id record;                        // the anchor's message
  protocol::image_database head;
  std::map<protocol::table_id, loaded_table> tables;
  std::vector<protocol::image_command> commands;  // oldest first
  std::vector<protocol::log_segment> segments;    // of the log then; none: of an older version
  std::vector<base::message_id> messages;         // that hold it
  std::uint64_t bytes = 0;                        // of the parts, as stored
};

}  // namespace dbcord::database
