#pragma once
// What calls about rows take and answer: of server.hpp, and inside dbcord of every front door. Values; JSON is text, so that numbers keep theirs.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct message_link {
  base::guild_id guild;
  base::channel_id channel;
  base::message_id message;
  // https://discord.com/channels/<guild>/<channel>/<message>
  std::string url() const;
};

struct write_receipt {
  std::uint64_t lsn = 0;
  std::uint64_t version = 0;  // of the row, from 1
  std::string key;            // of the row; empty when the receipt is of an earlier delivery
  message_link location;      // the log message that holds it
  bool repeated = false;      // an earlier delivery of the same command did it
};

struct row {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  std::string json;       // compact; the text of numbers kept
  message_link location;  // row message if written, else the log message
};

// A moment of the past: by LSN, or by time if that is 0. One that is yet to come, by more than ten seconds of the server's clock, is refused:
// base::errc::invalid_argument.
struct moment {
  std::uint64_t lsn = 0;
  base::system_time time;
};

struct find_request {
  std::string where_json = "{}";  // as of /dbc_find (README)
  std::string sort;               // "age desc, name"; empty: by key
  std::string fields;             // "id, address.city"; empty: all
  std::size_t limit = 25;
  std::size_t skip = 0;
  // Only rows behind this key, in the order of keys; so without `sort` a page goes on behind the last key of the one before,
  // and rows that are there all the time come exactly once, whatever is inserted or deleted meanwhile.
  std::optional<std::string> after = {};
  // The page before that: of the rows before this key those nearest to it, in the order of keys. Without `sort`, `after` and `skip`.
  std::optional<std::string> before = {};
  std::size_t byte_budget = 32 * 1024 * 1024;  // of the rows' JSON: past it the page ends earlier, but not before its first row
  bool count_only = false;        // no rows, only `matched`
  bool explain_only = false;      // no rows, only `plan`
  std::string via;                // "auto" or empty, "search": through guild search, "memory": never through it
  std::size_t request_budget = 500;  // a find that would take more requests to Discord is refused; five files of its CDN count as one
  std::optional<moment> as_of = {};  // the rows as they were then, all at one LSN; errc::horizon when that is not known any more
};
struct find_answer {
  std::vector<row> rows;
  std::uint64_t matched = 0;  // behind `after`, or before `before`; before limit and skip; only those that were looked at, if not_all_seen
  bool not_all_seen = false;  // the page was full before all rows were looked at, and the others would have to be read: there may be more
  std::string plan;           // "primary key, in memory, 0 requests"
  std::shared_ptr<const void> held;  // the room that large answers share: others wait as long as it is kept. Of dbcord::server's answers empty
};

struct new_row {
  std::string key;   // empty: taken from the primary key field of `json`
  std::string json;
};
struct refused_row {
  std::size_t index = 0;  // position in the input, from 0
  std::string key;
  std::string reason;     // one sentence
};
struct import_report {
  std::size_t accepted = 0;
  std::vector<refused_row> refused;
  std::uint64_t last_lsn = 0;
  message_link location;
  std::optional<std::size_t> replaced = 0;  // of the accepted, rows that were there; empty: not known, an earlier delivery did some of it
};

// What a step of a transaction wrote, or what a `get` saw (only then with JSON).
struct step_result {
  std::size_t step = 0;  // from 0
  struct row row;
};
struct transaction_receipt {
  std::uint64_t lsn = 0;            // 0: nothing was written
  message_link location;            // the log message
  bool repeated = false;            // an earlier delivery of the same command did it; then without steps
  std::vector<step_result> steps;   // of those that write or show a row
};

// A version of a row, past or present.
struct row_change {
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::system_time when;  // of its log message
  bool deleted = false;    // the row was deleted; then without JSON
  std::string json;
  std::string who;         // user id
  std::string command;
  message_link location;   // the log message
  std::string lost;        // why its value cannot be had any more; then without JSON
};
struct history_request {
  std::string key;
  std::size_t limit = 10;  // the newest so many
};
struct history_answer {
  std::vector<row_change> changes;  // newest first
  std::uint64_t known = 0;          // versions that are known of, present one included
  bool complete = false;            // nothing is behind the horizon
};

}  // namespace dbcord::database
