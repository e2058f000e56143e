#pragma once
// store_checks: what must hold between a database's memory and the guild's channels once nothing happens any more: every
// row has its message, the message says what memory says, no key has two rows, and nothing in the channels is newer than
// memory. Looks at the guild directly, past network and scheduler. One thread (the world's).

#include "database/cache_figures.hpp"
#include "simulation/owner_view.hpp"
#include "simulation/supervisor.hpp"

namespace dbcord::simulation {

struct table_content {
  std::string name;
  base::channel_id channel;
  base::channel_id moving_from;  // its channel before, if it is moving
  std::map<std::string, database::row> rows;
  std::uint64_t not_materialised = 0;
  std::string description;  // schema, indexes, horizon of the history
  std::uint64_t past_versions = 0;
  std::string schema_json = "{}";
};

struct restart {
  bool killed = false;    // then versions that were forgotten since the last checkpoint come back
  bool histories = true;  // how many past versions there are counts too
  std::string at_work = {};  // a table that is being made or dropped meanwhile; empty: none
};

// What the running bot says of the workload's database; must be ready.
base::result<database::database_summary> summary_of(world& w, supervisor& bot);
// How many values it has evicted and read again.
database::cache_figures cache_of(world& w, supervisor& bot);
// What the running bot holds in memory; must be ready. Violations (a failing read) are appended.
std::vector<table_content> memory_of(world& w, supervisor& bot, std::vector<std::string>& violations);
// Waits until every row has a message of its own and every message of an earlier process is known; a violation when that takes longer than `limit`.
std::vector<std::string> await_materialised(world& w, supervisor& bot, base::duration limit);
// `given_up`: LSNs of lost records, of whose rows newer messages than memory knows may lie about.
std::vector<std::string> check_messages(simulated_guild& guild, const std::vector<table_content>& memory, const std::set<std::uint64_t>& given_up = {});
// The pure part of check_messages.
std::vector<std::string> check_table_messages(const table_content& memory, const std::vector<seen_message>& messages,
                                              const std::set<std::uint64_t>& given_up = {});
// Older versions, of whatever table, go before a write is refused; but for so few that they would not have helped.
std::vector<std::string> check_nothing_forgettable(const std::vector<table_content>& memory, std::uint64_t cap);
// Channels of databases that are marked as dropped.
std::vector<std::string> check_dropped(simulated_guild& guild);
// It has a unique index on that field, which has not failed.
bool promises_unique(const table_content& memory, std::string_view field);
// No two rows have one value in that field.
std::vector<std::string> check_unique(const table_content& memory, std::string_view field);
// Each acknowledged increment of an embedded client counts once; one that has no answer may count.
std::vector<std::string> check_counters(const table_content& own, const std::vector<supervisor*>& processes);
std::vector<base::channel_id> channels_of_tables(world& w, supervisor& bot);
// Tables, rows, versions and contents before and after a restart.
std::vector<std::string> compare(const std::vector<table_content>& before, const std::vector<table_content>& after, const restart& how = {});

}  // namespace dbcord::simulation
