#pragma once
// engine: the database as its users see it: every database of one guild, opened, written and read. What `commands` (and
// later the wire server) are front doors on. Call from any executor. One per process; close() before it is destroyed.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/checkpoint_options.hpp"
#include "database/garbage_kind.hpp"
#include "database/message_store.hpp"
#include "database/work_progress.hpp"
#include "dbcord/rows.hpp"
#include "protocol/access_rules.hpp"

namespace dbcord::database {

class database_descriptor;  // database/database_descriptor.hpp

struct engine_options {
  // An OS lock on the local guild's directory already keeps every other writer out: no waiting at open.
  bool exclusive_by_lock = false;
  base::duration lease = std::chrono::seconds(30);
  base::duration staleness = std::chrono::seconds(2);        // S of design.md section 6
  std::size_t memory_cap = 512 * 1024 * 1024;                // bytes of rows and directory, all databases together
  std::size_t database_memory_cap = 0;                       // of one database; 0: as many as all may hold
  std::size_t row_cap = 8 * 1024 * 1024;                     // bytes of one row's JSON
  std::size_t group_cap = 8 * 1024 * 1024;                   // bytes of one commit group's body
  std::size_t commands_kept = 65536;                         // the newest ones of a database, each of which is carried out once however often it is given
  std::size_t backlog_cap = 64 * 1024 * 1024;                // bytes waiting in a database's log queue
  std::size_t backlog_cap_of_all = 256 * 1024 * 1024;        // in those of all databases together; each may have one transaction waiting
  std::size_t page_from = 32;                                // rows waiting to be written, from which on a table writes pages (layout auto)
  std::size_t looked_for_most = 2'000;                       // messages of a table that are looked for when deletions may have been missed
  std::size_t altered_at_once = 256;                         // rows of a table whose columns are altered, that one record of the log writes anew
  std::size_t index_at_once = 256;                           // rows of a table; indexes of larger ones are built while it is written and read
  // Another process has taken a database over: this one is to end. On a strand of the engine, once for each database.
  std::function<void(base::error)> on_fenced;
  checkpoint_options checkpoints;
  // What databases must have: one in which something differs is not opened. Null: nothing.
  std::shared_ptr<const database_descriptor> descriptor;
  bool create_missing = false;  // its tables and indexes that are missing are made then, instead
  // Another process that writes a database ends, rather than this one, until this one has opened it.
  bool take_over = false;
  // Databases that are written again although part of their log was deleted by hand; others of that kind are only read.
  std::vector<std::string> accept_loss;
  bool accepts_loss_of(std::string_view database) const { return std::find(accept_loss.begin(), accept_loss.end(), database) != accept_loss.end(); }
};

// Who did it, by which command; written into every record.
struct write_context {
  std::string idempotency_key;  // the interaction's id; a repeated one answers what the first did. Empty: none
  std::string who;              // user id
  std::string command;          // "dbc_insert"
  base::steady_time deadline;   // past it the caller gets outcome_unknown, or timeout if nothing was sent
  // Of update, replace and remove: another version of the row than this is refused with errc::conflict.
  std::optional<std::uint64_t> expected_version;
  // Of replace, drop_table, purge and drop_database: another table or database of that name than this (an id of summaries) is refused with errc::conflict. Empty: whichever it is.
  std::string expected_id = {};
  std::optional<std::uint64_t> expected_lsn = {};  // Of purge: a row of that key with another LSN is refused; that there is none is not
  bool replace_rows = false;    // Of import: a row that is there already is replaced, not refused
  work_progress_ptr progress = {};   // of long work; may be null
};

struct read_context {
  base::steady_time deadline;
  work_progress_ptr progress = {};  // of long work; may be null
};

struct index_summary {
  std::string field;
  bool unique = false;
  std::uint64_t entries = 0;
  std::string state = "ready";  // or "building", "failed"
  std::string why = {};         // it failed
  bool channel = false;         // a channel shows it
};
struct table_summary {
  std::string name;
  std::string id;                     // no other table ever has it, of no database
  std::string primary_key;
  base::channel_id channel;
  base::channel_id moving_from;       // its channel before, in which some rows or older versions may still lie; zero: none
  bool channel_deleted = false;       // by people: nothing can be written there
  std::string altering;               // its columns, like "drop:age": rows may be of either form; empty: they are not
  std::string altering_back;          // what takes that back, like "add:age"
  bool adopting = false;              // messages of an earlier process are still looked for: nothing is written before
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;            // JSON of live rows
  std::uint64_t memory = 0;           // bytes held, directory included (estimate)
  std::uint64_t pages = 0;            // messages that hold many rows
  std::uint64_t own_messages = 0;     // of rows, about
  std::string layout = "auto";        // of what is written: auto, rows, pages
  std::uint64_t not_materialised = 0; // rows whose newest version has no message of its own yet
  std::uint64_t superseded = 0;       // messages of older versions or deleted rows (vacuum removes them)
  std::uint64_t deleted_by_hand = 0;  // messages of rows that people deleted while this process ran; they are written again
  std::uint64_t past_versions = 0;    // superseded versions of rows that can still be read
  std::uint64_t history_versions = 0; // the horizon: at most so many of each row,
  std::uint64_t history_days = 0;     // and none that was superseded longer ago
  std::string schema_json = "{}";
  std::vector<index_summary> indexes;
  std::uint64_t versions_given_up = 0;        // superseded versions within that horizon, by this process, since memory was short
  base::system_time last_given_up = {};       // when that happened the last time
};
struct database_summary {
  std::string name;
  std::string id;
  std::vector<table_summary> tables;
  std::uint64_t lsn = 0;
  std::uint64_t epoch = 0;
  std::uint64_t groups = 0;          // commit groups by this process
  std::uint64_t transactions = 0;    // committed by this process
  std::uint64_t barriers = 0;
  std::uint64_t queued_bytes = 0;    // waiting for the log
  std::uint64_t log_messages_deleted = 0;  // by hand, while this process ran, and the next start needs them
  std::uint64_t log_channels_deleted = 0;  // the same
  bool log_loss_mendable = false;          // checkpoints take their place; they are being written
  std::uint64_t checkpoints = 0;        // written by this process
  std::string checkpoint_problem;       // why the last one was not written; empty: nothing has failed
  std::uint64_t deltas = 0;             // of checkpoints; the same
  std::uint64_t checkpoint_lsn = 0;     // of the newest, 0: none by this process
  std::uint64_t checkpoint_bytes = 0;   // of the newest that is known, as stored
  std::uint64_t opened_from_lsn = 0;    // the checkpoint that this process began with; 0: the whole log was read
  std::uint64_t log_tail = 0;           // log messages since the checkpoint that this process began with
  std::string state;                 // "open", "fenced: …", "read-only: …"
  base::channel_id log_channel;      // the newest segment
  std::uint64_t log_segments = 0;
  std::uint64_t log_first_lsn = 0;   // of the oldest segment that is left
  std::vector<std::string> losses;   // what of the log is lost, in sentences
};

// What verification found. Kinds: missing, damaged, lost, history, log, checkpoint, catalog, snapshot, index, unique, index channel (then `key` is the field). Of
// notes also foreign, duplicate, orphan, unfinished and unknown.
struct verify_finding {
  std::string kind;
  std::string key;  // of the row, if it is about one
  std::string what;
  message_link link;  // message zero: none
  base::message_id row_message;  // of the row, also when it is gone
  std::uint64_t lsn = 0;         // of the older version, if it is about one
  bool beyond_repair = false;    // repair() cannot mend it
  std::string table = {};        // empty: it is about what belongs to the whole database
  std::uint64_t version = 0;     // the number of that older version
};
struct verify_report {
  static constexpr std::size_t most_findings = 1'000;  // more are only counted
  static constexpr std::size_t most_examples = 3;      // notes of messages that vacuum removes, of each kind
  static constexpr std::size_t most_strangers = 100;   // notes of messages of people

  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
  std::uint64_t versions = 0;          // older ones that are kept
  std::uint64_t lost_versions = 0;     // besides: nobody has them any more
  std::uint64_t messages = 0;          // of the tables' channels
  std::uint64_t attachments = 0;       // downloaded and checked
  std::uint64_t not_materialised = 0;  // rows that have no message of their own yet
  garbage_counts garbage;              // messages that vacuum removes
  std::uint64_t unknown_garbage = 0;   // of those, what only a vacuum finds that reads the channel first
  bool adopting = false;               // what an earlier process has written is not all known yet: what lies nowhere is not told
  std::uint64_t left_behind = 0;       // messages that go with the channel which the table is leaving
  std::uint64_t log_records = 0;
  std::uint64_t log_lsn = 0;
  std::uint64_t checkpoints = 0;       // that are kept, with all their parts
  std::uint64_t catalog_records = 0;
  std::uint64_t snapshots = 0;         // with all their parts
  std::uint64_t unfinished_parts = 0;  // of snapshots that were never finished, which vacuum removes
  std::uint64_t foreign = 0;           // messages of people where only dbcord's count
  std::uint64_t problems = 0;
  std::vector<verify_finding> findings;  // of problems
  std::vector<verify_finding> notes;     // of what is no problem: messages of people, examples of garbage, and of kind history: versions whose value repair() can bring back from the log
};

struct repair_report {
  std::uint64_t rewritten = 0;           // rows whose message was missing or damaged: they get a new one
  std::vector<std::string> indexes;      // fields whose index was built anew
  std::uint64_t index_channels = 0;      // of the table's indexes, that were written anew
  std::uint64_t versions = 0;            // older ones that got a new message
  std::uint64_t versions_lost = 0;       // older ones that nobody has any more, and that count as lost from now on
  std::uint64_t checkpoints = 0;         // written in place of what was found damaged, or behind what the log lacks
  bool log_left_behind = false;          // so no start needs what the log lacks
  std::uint64_t catalog_records = 0;     // written again
  std::uint64_t beyond_repair = 0;       // of the findings
  std::vector<std::string> failed;       // what could be mended, and was not: one sentence each
};
struct reindex_report {
  struct one_index {
    std::string field;
    bool unique = false;
    std::uint64_t entries = 0;
    bool was_damaged = false;
    std::string state = "ready";  // as in index_summary
  };
  std::uint64_t rows = 0;
  std::vector<one_index> indexes;
};

// What may stand in an argument; from memory. Rows: the JSON of some, which shows what fields and values there are.
enum class suggestion { keys, fields, indexes, rows };

struct table_place {
  std::string database;
  std::string table;
};

struct snapshot_summary {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t parts = 0;
  std::uint64_t lsn = 0;  // as the table was then
  message_link location;  // its last part, by which it is restored
};
struct restore_report {
  std::string table;       // the new one
  std::uint64_t rows = 0;
  std::string taken_from;  // the table that was snapshot
  std::uint64_t lsn = 0;   // then
  std::vector<std::string> without_channel = {};  // indexes that have no channel yet although they should, with the reasons; it is tried again
};

// What those who read a table should know.
struct reading_caveat {
  bool log_lost = false;  // part of the database's log is lost, and nobody has accepted that: rows may be missing, or old
  bool altering = false;  // its columns are being altered: some rows have their new form, others do not
};

struct row_operation;  // database/row_operation.hpp
class database;  // database/database.hpp
class storage_upkeep;  // database/storage_upkeep.hpp
class database_administration;  // database/database_administration.hpp

class engine {
 public:
  virtual ~engine() = default;

  // Finds the databases of the guild and opens each. An error when the guild cannot be read; a database that cannot be
  // opened is listed with its reason in failed().
  virtual actor::task<base::result<void>> open(base::steady_time deadline) = 0;
  // Takes no new work, finishes what was accepted until the deadline, writes the release records.
  virtual actor::task<void> close(base::steady_time deadline) = 0;

  virtual actor::task<base::result<database_summary>> create_database(std::string name, write_context context) = 0;
  virtual std::vector<std::string> databases() const = 0;
  // Before somebody is told that there is no database of that name, or (empty) which there are: another process may have made it since this one looked. Then it
  // is opened here, or this process ends since the other one holds it (options.on_fenced). An error: it could not be opened, or nobody knows whether there is one.
  virtual actor::task<base::result<void>> look_for(std::string name, base::steady_time deadline) = 0;
  virtual actor::task<reading_caveat> caveat(std::string database, std::string table) = 0;  // nothing of what is not there
  // "name: reason" of each database that could not be opened.
  virtual std::vector<std::string> failed() const { return {}; }
  virtual std::vector<std::string> tables(std::string database) const = 0;  // for autocompletion; from memory

  virtual actor::task<base::result<table_summary>> create_table(std::string database, std::string table,
                                                                std::string primary_key, write_context context) = 0;
  // `key` may be empty when the JSON has the primary key field; when both are there they must agree.
  virtual actor::task<base::result<write_receipt>> insert(std::string database, std::string table, new_row value,
                                                          write_context context) = 0;
  // JSON merge patch (RFC 7396); the primary key field cannot change.
  virtual actor::task<base::result<write_receipt>> update(std::string database, std::string table, std::string key,
                                                          std::string patch_json, write_context context) = 0;
  virtual actor::task<base::result<write_receipt>> remove(std::string database, std::string table, std::string key,
                                                          write_context context) = 0;
  // The whole row anew; its primary key cannot change.
  virtual actor::task<base::result<write_receipt>> replace(std::string database, std::string table, std::string key, std::string row_json,
                                                           write_context context) = 0;
  // The table is gone when this is done; its channel is deleted soon afterwards.
  virtual actor::task<base::result<write_receipt>> drop_table(std::string database, std::string table, write_context context) = 0;
  // Which roles may do what; access() answers from memory, and nothing for databases that are not there.
  virtual actor::task<base::result<write_receipt>> set_access(std::string database, protocol::access_rules rules, write_context context) = 0;
  virtual protocol::access_rules access(std::string database) const = 0;
  // At most `limit` that begin with `typed`, sorted; none if that takes too long.
  virtual actor::task<std::vector<std::string>> suggest(std::string database, std::string table, suggestion what, std::string typed,
                                                        std::size_t limit, base::steady_time deadline) = 0;
  // The table whose channel that is; from memory.
  virtual std::optional<table_place> locate(base::channel_id channel) const = 0;
  // Builds indexes anew from the rows where they differ.
  virtual actor::task<base::result<reindex_report>> reindex(std::string database, std::string table, read_context context) = 0;
  // Mends what verify() found and what can be mended: rows and older versions get new messages; indexes, checkpoints and records of the catalog are made anew.
  virtual actor::task<base::result<repair_report>> repair(std::string database, std::string table, verify_report found, read_context context) = 0;
  // protocol/row_schema.hpp. Refused when rows present do not fit, unless `force`; rows written from then on must.
  virtual actor::task<base::result<write_receipt>> set_schema(std::string database, std::string table, std::string schema_json, bool force,
                                                              write_context context) = 0;
  // On a field, or a dotted path. A unique one is refused when rows share a value; missing fields and null never clash. Done when it is ready; past
  // the deadline it is built all the same. Cancelled by `context.progress` it is dropped.
  virtual actor::task<base::result<write_receipt>> create_index(std::string database, std::string table, std::string field, bool unique,
                                                                write_context context) = 0;
  virtual actor::task<base::result<write_receipt>> drop_index(std::string database, std::string table, std::string field,
                                                              write_context context) = 0;
  // Rows are independent: each is accepted or refused on its own. One whose key is there already is refused, or with `context.replace_rows` replaced.
  virtual actor::task<base::result<import_report>> import(std::string database, std::string table,
                                                          std::vector<new_row> rows, write_context context) = 0;
  // All steps or none, in one record of the log, on any rows and tables of the database. An error names the step, from 1.
  virtual actor::task<base::result<transaction_receipt>> transact(std::string database, std::vector<row_operation> steps,
                                                                  write_context context) = 0;
  virtual actor::task<base::result<row>> get(std::string database, std::string table, std::string key,
                                             read_context context) = 0;
  // The row as it was. errc::horizon when that is not known any more.
  virtual actor::task<base::result<row>> get_as_of(std::string database, std::string table, std::string key, moment when, read_context context) = 0;
  virtual actor::task<base::result<history_answer>> history(std::string database, std::string table, history_request request,
                                                            read_context context) = 0;
  // How many superseded versions of each row are kept, and for how long.
  virtual actor::task<base::result<write_receipt>> set_history(std::string database, std::string table, std::uint64_t versions,
                                                               std::uint64_t days, write_context context) = 0;
  virtual actor::task<base::result<find_answer>> find(std::string database, std::string table, find_request request,
                                                      read_context context) = 0;
  virtual actor::task<base::result<database_summary>> inspect(std::string database, read_context context) = 0;
  // Reads every message of the table and the log and compares: maintenance priority, so it takes as long as the limits make it. `table` empty: all tables, one
  // after another, and what belongs to the whole database once; repair() likewise.
  virtual actor::task<base::result<verify_report>> verify(std::string database, std::string table, read_context context) = 0;
  // All rows of a table at one moment, with its schema and indexes, as messages of #dbc-snapshots.
  virtual actor::task<base::result<snapshot_summary>> snapshot(std::string database, std::string table, read_context context) = 0;
  // A new table from a snapshot of this database; `table` may be empty: the name it had. Made step by step; what cannot be restored whole is dropped again.
  virtual actor::task<base::result<restore_report>> restore(std::string database, base::message_id last_part, std::string table,
                                                            write_context context) = 0;
  // Somebody deleted messages, perhaps ours (a gateway event). Rows that lay there are written again. Returns at once.
  virtual void messages_deleted(base::channel_id channel, std::vector<base::message_id> messages) = 0;
  // Somebody deleted a channel, perhaps ours (a gateway event). Returns at once.
  virtual void channel_deleted(base::channel_id channel) = 0;
  // The gateway has begun anew: of what was deleted before, some may never be told, so it is looked for, at leisure. Returns at once.
  virtual void events_missed() = 0;
  // What removes messages for good: vacuum, purge.
  virtual storage_upkeep& storage() = 0;
  // What is done to whole databases.
  virtual database_administration& administration() = 0;
  virtual actor::task<base::result<table_summary>> inspect_table(std::string database, std::string table, read_context context) = 0;
};

std::unique_ptr<engine> make_engine(const actor::environment& env, message_store& store, engine_options options);

}  // namespace dbcord::database
