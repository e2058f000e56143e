#pragma once
// Transactions as they stand in a commit group's body: JSON lines, one for the transaction's head and one for each of its
// operations, with full redo images. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

using table_id = std::uint64_t;  // unique within its database, never reused

struct put_row {
  table_id table = 0;
  std::string key;
  std::uint64_t version = 0;
  std::string json;  // compact UTF-8; the full row
};
struct delete_row {
  table_id table = 0;
  std::string key;
  std::uint64_t version = 0;
  bool erase = false;  // with its history; the row may be gone already
};
struct create_table {
  table_id table = 0;
  std::string name;
  std::string primary_key;
  base::channel_id channel;
};
struct set_schema {
  table_id table = 0;
  std::string json;  // compact; row_schema::parse accepts it
};
using index_id = std::uint64_t;  // unique within its table, never reused
struct create_index {
  table_id table = 0;
  index_id index = 0;
  std::string field;  // dotted path
  bool unique = false;
  bool building = false;  // rows present are added later; index_outcome says when that is done
  bool channel = false;   // a channel shows what is in it
};
// Of an index that was created as `building`.
struct index_outcome {
  table_id table = 0;
  index_id index = 0;
  bool ready = false;
  std::string why;  // one sentence, unless ready
};
struct drop_index {
  table_id table = 0;
  index_id index = 0;
};
// Whether a channel shows what is in it, from then on (create_index::channel).
struct set_index_channel {
  table_id table = 0;
  index_id index = 0;
  bool on = false;
};
struct set_history {
  table_id table = 0;
  std::uint64_t versions = 0;  // superseded ones kept of each row
  std::uint64_t age_s = 0;     // how long after it was superseded a version is kept
};
// Whether rows are written as messages of their own or as pages of many.
enum class table_layout { automatic, rows, pages };
std::string_view to_string(table_layout layout);  // "auto", "rows", "pages"
std::optional<table_layout> parse_layout(std::string_view text);
struct set_layout {
  table_id table = 0;
  table_layout layout = table_layout::automatic;
};
// Names the channel that may be deleted from then on; the table's id and channel are never used again.
struct drop_table {
  table_id table = 0;
  std::string name;
  base::channel_id channel;
};
// Of the whole database.
struct set_access {
  table_id table = 0;  // none
  std::string json;    // compact; access_rules::parse accepts it
};
// Of the whole database: what becomes of rows whose messages people delete.
struct set_deletions {
  table_id table = 0;   // none
  bool accept = false;  // they are deleted; else written again
};
// Of the whole database: whether the rows of a table have threads that follow their history.
struct set_row_threads {
  table_id table = 0;  // none
  table_id of = 0;
  bool on = false;
};
// Of the whole database: it is gone, and every channel of it may be deleted once the catalog names them.
struct drop_database {
  table_id table = 0;  // none
};
// Of a database that was made to be restored into: everything is there.
struct end_restore {
  table_id table = 0;  // none
};
// A table's columns change: from then on what is written has the new form, and rows present are brought into it one after the other until end_alteration.
struct begin_alteration {
  table_id table = 0;
  std::string change;  // compact; column_change::parse accepts it
  std::string schema;  // of the new form; as set_schema's
};
struct end_alteration {
  table_id table = 0;
};
// A table goes on in another channel. Its messages in the channel before, up to `last`, are places of rows and of older versions until these lie elsewhere; a
// `drop` record then names that channel. When the fresh channel is deleted meanwhile, another such record names the same channel before once more.
struct move_table {
  table_id table = 0;
  base::channel_id channel;  // the new one; nothing of the table is in it yet
  base::channel_id before;   // which retires; zero, in older logs: the one that is current
  base::message_id last;     // the newest message of that which was known; messages of the new one count only if their ids are greater
};
using operation = std::variant<put_row, delete_row, create_table, set_schema, create_index, drop_index, drop_table, set_access, set_history, set_layout,
                               set_deletions, drop_database, end_restore, index_outcome, begin_alteration, end_alteration, set_row_threads, move_table,
                               set_index_channel>;

struct transaction {
  std::string idempotency_key;    // the interaction's id, or empty
  std::string who;                // user id
  std::string command;            // "dbc_insert"
  std::string refused;            // of an import: the JSON text of what was refused, so that a repetition answers the same; or empty
  std::vector<operation> operations;
};

// Bytes that it will take in a group's body, roughly.
std::size_t estimated_size(const transaction& t);
std::string encode_transactions(const std::vector<transaction>& transactions);
void append_transaction(std::string& body, const transaction& t);
base::result<std::vector<transaction>> decode_transactions(std::string_view body);

}  // namespace dbcord::protocol
