#pragma once
// database_copies: the part of the engine's interface that copies whole databases: into messages of the guild (a snapshot, from which
// `dbcord backup` makes a file), and back into a new database. Any executor.

#include <cstdint>
#include <string>
#include <vector>

#include "database/engine.hpp"

namespace dbcord::database {

struct database_snapshot_summary {
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;   // as stored
  std::uint64_t parts = 0;
  std::uint64_t lsn = 0;     // of all tables alike
  message_link location;     // its last part, by which it is read
};

struct snapshot_file {
  std::uint64_t number = 0;  // of the part, from 1
  std::uint64_t offset = 0;  // of its bytes in the whole
  base::message_id previous; // the part before; zero: this is the first
  std::string bytes;
  std::string file_name;
};

// One that lies in messages of the guild, as they tell.
struct kept_snapshot {
  std::string table;         // empty: it is of the whole database
  base::system_time taken;   // when its first part was written
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;   // as stored
  std::uint64_t parts = 0;
  std::uint64_t lsn = 0;     // as the rows were then
  bool whole = false;        // else parts are missing, or it is still being written
  message_link location;     // its last part, by which it is read
};

struct database_restore_report {
  std::string database;      // the new one
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
  std::string taken_from;    // the database that was copied
  std::uint64_t lsn = 0;     // then
  std::vector<std::string> without_channel = {};  // indexes that have no channel yet although they should, with the reasons; it is tried again
};

class database_copies {
 public:
  virtual ~database_copies() = default;

  // All tables with their schemas, indexes, history limits and access rules as they stood at one LSN, whatever is committed meanwhile, as messages
  // of #dbc-snapshots. Not atomic: parts without their last one are garbage that nothing refers to.
  virtual actor::task<base::result<database_snapshot_summary>> snapshot_database(std::string database, read_context context) = 0;
  // Those of tables too, oldest first. Reads every message of #dbc-snapshots, none of their attachments.
  virtual actor::task<base::result<std::vector<kept_snapshot>>> snapshots(std::string database, read_context context) = 0;
  // One part of a snapshot, of a table too, checked against its hash.
  virtual actor::task<base::result<snapshot_file>> read_snapshot_part(std::string database, base::message_id part, read_context context) = 0;
  // A new database, named `as`, from a snapshot that lies in `database`. The whole snapshot is read and checked before anything is made. Made step by
  // step: an error says how far it got.
  virtual actor::task<base::result<database_restore_report>> restore_database(std::string database, base::message_id last_part, std::string as,
                                                                              write_context context) = 0;
  // Deletes the messages of a snapshot, of a table too, whole or not; answers how many.
  virtual actor::task<base::result<std::uint64_t>> drop_snapshot(std::string database, base::message_id part, read_context context) = 0;
};

}  // namespace dbcord::database
