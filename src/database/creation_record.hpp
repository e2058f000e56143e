#pragma once
// The creation record of a database: the message of #dbc-catalog that makes it exist, names its channels, and anchors the
// log's chain. Also the descriptor messages of tables, which people read there. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "database/message_store.hpp"
#include "dbcord/base/ids.hpp"
#include "protocol/log_chain.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct creation_record {
  std::string id;  // database id
  std::string name;
  base::channel_id catalog;
  base::channel_id control;
  base::channel_id log;
  bool restoring = false;  // made to be restored into: not whole before the log says end_restore
  std::string chain = {};  // of a record that was written later, when channels were lost: what the log's first record stands on; it holds instead of the first
  base::message_id since = {};  // the first message of its catalog that makes it; zero: not read from there. Of several databases of one name the oldest counts
};

std::string encode_creation(const creation_record& record);
std::optional<creation_record> decode_creation(std::string_view content);
protocol::chain_anchor anchor_of(const creation_record& record);

// The one that counts of the messages of a catalog, in their order: the first, but one that was written when channels were lost holds instead of any before.
std::optional<creation_record> find_creation(const std::vector<stored_message>& messages, base::channel_id catalog);

std::string encode_table_descriptor(const protocol::create_table& table);
struct table_descriptor {
  protocol::table_id table = 0;
  base::channel_id channel;
  auto operator<=>(const table_descriptor&) const = default;
};
std::optional<table_descriptor> decode_table_descriptor(std::string_view content);
// All that it says, name and primary key included.
std::optional<protocol::create_table> decode_described_table(std::string_view content);

}  // namespace dbcord::database
