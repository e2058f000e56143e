#pragma once
// What the command line, the environment and `.env` say, as plain values. Flags win over the environment, which wins over
// `.env`. Parsed once at start, before any thread exists.

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::app {

// When the local guild waits for the disk: before every answer (many share one wait), every 100 ms, or never.
enum class fsync_option { always, interval, never };

// What the local guild is like beside its figures; files of JSON (src/guild/README.md), empty: as Discord, without faults.
struct guild_files {
  std::filesystem::path limits;
  std::filesystem::path faults;
};

struct guild_options {
  std::filesystem::path data;
  std::filesystem::path check;  // verify this directory instead of running
  std::string listen;       // ADDR:PORT
  bool rate_limits = true;  // Discord's observed figures (or those of a file), or none
  guild_files files;
  fsync_option fsync = fsync_option::always;
};

struct serve_options {
  std::filesystem::path local;  // empty: the guild is elsewhere, see below
  std::string listen;
  bool rate_limits = true;
  guild_files files;
  fsync_option fsync = fsync_option::always;
  std::string api_url;
  std::string token;
  std::string guild;
  std::size_t memory_cap = 0;           // bytes, of all databases together
  std::size_t database_memory_cap = 0;  // bytes, of one; 0: no cap of its own
  int lease_s = 0;             // seconds, of the writer; design.md section 6
  int staleness_s = 0;         // seconds, of history reads
  std::string metrics;         // ADDR:PORT; empty: none
  std::vector<std::string> accept_loss;  // databases that go on although part of their log is lost
  bool take_over = false;                // from a process that holds the lease
  std::string descriptor;                // file that says what databases must have
  bool create_missing = false;           // tables and indexes that the descriptor names
};

inline constexpr std::size_t smallest_memory_cap = 16 * 1024 * 1024;  // bytes, of rows and directories

// How a user's client finds the guild: a directory with credentials.json, or a URL and a token.
struct client_options {
  std::filesystem::path local;
  std::string url;
  std::string token;
  std::string guild;  // with `url`; may be empty if the user is in one guild only
  std::string application = {};  // the same, if that guild has one bot only
};

struct exec_options {
  client_options client;
  bool json = false;
  std::vector<std::string> commands;
};

struct shell_options {
  client_options client;
};

struct import_options {
  client_options client;
  std::string database;
  std::string table;
  std::string key;  // primary key field
  std::string at;
  std::string format;  // jsonl, json or csv; empty: by the file's name and content
  std::string mode = "insert";  // or upsert
  std::filesystem::path file;
  std::filesystem::path outcomes;  // file to be written; may be empty
  std::size_t chunk_bytes = 0;
  std::size_t chunk_rows = 0;
};

// A table's rows into a file.
struct export_options {
  client_options client;
  std::string database;
  std::string table;
  std::string format = "jsonl";
  std::string where;  // JSON; empty: all rows
  std::filesystem::path file;
};

// A whole database into a file.
struct backup_options {
  client_options client;
  std::string database;
  std::filesystem::path file;
  bool keep_snapshot = false;  // in the guild
};

// And back, as a new database.
struct restore_options {
  client_options client;
  std::string database;  // empty: the name it had
  std::filesystem::path file;
};

// As serve: a local guild's directory, or Discord's API, the bot's token and a guild.
struct doctor_options {
  std::filesystem::path local;
  std::string api_url;
  std::string token;
  std::string guild;
};

struct options {
  std::string log_level = "info";
  std::variant<serve_options, guild_options, exec_options, shell_options, import_options, export_options, doctor_options, backup_options, restore_options> command;
};

// Nothing to run: `text` was asked for (--help, --version), or says what is wrong with the arguments (status != 0).
struct nothing_to_run {
  int status = 0;
  std::string text;
};

std::variant<options, nothing_to_run> parse_options(int argc, const char* const* argv);

// Of the environment, that are read.
std::vector<std::string> environment_names();

}  // namespace dbcord::app
