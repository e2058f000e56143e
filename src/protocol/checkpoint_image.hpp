#pragma once
// The state of a database at one LSN as the parts of a checkpoint hold it (design.md section 7). A part is a sequence of entries, each a tag,
// a length and that many bytes; an entry of an unknown tag is passed over, so that later versions can add some. Numbers are LEB128; rows are
// stored by column, since neighbours in a column are alike. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::protocol {

struct image_database {
  table_id last_table = 0;  // highest ever given
  std::string access_json = "{}";                  // access_rules
  std::vector<base::channel_id> dropped_channels;  // of dropped tables, still to be deleted
  bool accept_deletions = false;  // set_deletions; an entry of its own
  bool dropped = false;           // drop_database, end_restore; an entry of their own
  bool restored = false;
  std::vector<table_id> row_threads;  // tables with set_row_threads; an entry of their own
};

// In which channels the log lay, oldest first; the last one is that in which the anchor's successor counts.
struct image_log {
  struct segment {
    std::uint64_t number = 0;
    base::channel_id channel;
    std::uint64_t first_lsn = 0;
  };
  std::vector<segment> segments;
};

// An index that is being built, or could not be.
struct image_index {
  create_index definition;
  std::string why;  // it could not be; empty: it is being built
};

// A table's channel before the present one, which is not deleted yet.
struct image_move {
  base::channel_id retiring;
  base::message_id last;  // as move_table's
  bool drained = false;   // nothing lies there any more
};

// Messages of a channel, above that id, some of which may hold what the table does not know of.
struct image_adoption {
  base::channel_id channel;
  base::message_id after;
};

struct image_table {
  create_table definition;
  std::string schema_json = "{}";
  std::vector<create_index> indexes;  // that are ready
  index_id last_index = 0;       // highest ever given
  base::message_id last_message; // the newest of its channel that was known
  std::uint64_t rows = 0;        // in all parts
  table_layout layout = table_layout::automatic;
  // Each an entry of its own, behind it:
  std::vector<image_index> unfinished;
  std::string alteration;  // column_change, that is under way; empty: none
  std::optional<image_move> move;
  std::vector<image_adoption> unadopted;  // what an earlier process has written was still being found out, or could not be read
  // And one for all indexes, ready or not, that have a channel (create_index::channel).
};

// A message that holds many rows.
struct image_page {
  base::message_id message;
  std::uint64_t rows = 0;  // that it was written with
};

struct image_row {
  std::string key;
  std::string json;              // of a row that is not resident: the fields that indexes look at
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;
  base::message_id row_message;  // zero: not materialised
  bool set_aside = false;        // Discord will not store it as a message
  bool resident = true;          // false: the value is read from its location
  std::uint64_t json_size = 0;   // of the value, of a row that is not resident
  unsigned part = 0;             // of the page row_message, from 1 on; zero: the message is the row's own
  std::string fingerprints = {};  // row_fingerprints, of a row that is not resident; empty: there are none; an entry of their own, before that of the rows
};

// Where older versions of one key lie.
struct image_past {
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;
  base::message_id row_message;
  bool deleted = false;
  unsigned part = 0;  // of the page row_message, from 1 on; zero: the message is its own
  bool lost = false;  // its value is nowhere any more
};
struct image_chain {
  std::string key;
  std::uint64_t forgotten_to = 0;
  std::vector<image_past> versions;  // oldest first
};
struct image_history {
  std::uint64_t versions = 0;        // limits
  std::uint64_t age_s = 0;
  std::uint64_t forgotten_to = 0;    // of keys without a chain
  std::vector<image_chain> chains;   // part of them: an entry may be followed by more of the same table
  std::uint64_t deleted_to = 0;      // the highest version of a deletion that is forgotten
};

// A command that was executed, for as long as its repetition must be answered.
struct image_command {
  std::string key;
  std::uint64_t lsn = 0;
  base::message_id message;
  std::uint64_t operations = 0;
  std::uint64_t version = 0;
  std::string refused;
};

// Each appends one entry.
void append_entry(std::string& out, const image_database& database);
void append_entry(std::string& out, const image_log& log);
void append_entry(std::string& out, const image_table& table);
void append_entry(std::string& out, table_id table, std::span<const image_row> rows);
void append_garbage(std::string& out, table_id table, std::span<const base::message_id> messages);
// Behind it: of which kind some of them are, where that is not zero.
struct image_garbage_kind {
  std::uint64_t kind = 0;
  std::vector<base::message_id> messages;
};
void append_garbage_kind(std::string& out, table_id table, const image_garbage_kind& some);
void append_pages(std::string& out, table_id table, std::span<const image_page> pages);
// Messages of rows that guild search was seen to return.
void append_seen_in_search(std::string& out, table_id table, std::span<const base::message_id> messages);
void append_entry(std::string& out, table_id table, const image_history& history);
void append_entry(std::string& out, std::span<const image_command> commands);

// What a part's entries are handed to, in their order; an error ends the decoding.
class image_sink {
 public:
  virtual ~image_sink() = default;
  virtual void take(image_database database) = 0;
  virtual void take(image_log) {}
  virtual void take_deletions(bool) {}  // behind image_database
  virtual void take_standing(bool /*dropped*/, bool /*restored*/) {}  // the same
  virtual void take_row_threads(std::vector<table_id>) {}  // the same
  virtual base::result<void> take(image_table table) = 0;
  virtual base::result<void> take_unfinished(table_id, std::vector<image_index>) { return {}; }
  virtual base::result<void> take_alteration(table_id, std::string) { return {}; }
  virtual base::result<void> take_move(table_id, image_move) { return {}; }
  virtual base::result<void> take_unadopted(table_id, std::vector<image_adoption>) { return {}; }
  virtual base::result<void> take_index_channels(table_id, std::vector<index_id>) { return {}; }  // behind take_unfinished
  virtual base::result<void> take(table_id table, std::vector<image_row> rows) = 0;
  virtual base::result<void> take_garbage(table_id table, std::vector<base::message_id> messages) = 0;
  virtual base::result<void> take_garbage_kind(table_id, image_garbage_kind) { return {}; }
  virtual base::result<void> take_pages(table_id, std::vector<image_page>) { return {}; }
  virtual base::result<void> take_seen_in_search(table_id, std::vector<base::message_id>) { return {}; }
  virtual base::result<void> take(table_id table, image_history history) = 0;
  virtual void take(std::vector<image_command> commands) = 0;
};
base::result<void> decode_image(std::string_view bytes, image_sink& sink);

}  // namespace dbcord::protocol
