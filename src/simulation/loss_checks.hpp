#pragma once
// loss_checks: what must be true of a database from whose log somebody has deleted records by hand, given what it held before, which records are gone, and
// everything that was ever written to its log. Pure.

#include <map>
#include <set>
#include <tuple>

#include "simulation/log_watch.hpp"
#include "simulation/store_checks.hpp"

namespace dbcord::simulation {

struct lost_records {
  std::set<std::uint64_t> lsns;
  bool any = false;  // which is not known: it may be all of them
  // Versions of rows that stand whole in messages of the tables' channels: known in spite of that. Table, key, LSN.
  std::set<std::tuple<protocol::table_id, std::string, std::uint64_t>> in_messages = {};
  // Lost before, which was accepted: what lies in messages of theirs cannot be told from other rows then.
  std::set<std::uint64_t> given_up = {};
  bool has(std::uint64_t lsn) const { return any || lsns.contains(lsn); }
  bool has_row(protocol::table_id table, const database::row& row) const { return has(row.lsn) && !in_messages.contains({table, row.key, row.lsn}); }
};

// Rows whose newest version no lost record holds, or a message besides, are as they were; the others are gone or show a version that was logged once, and of one lost record
// all of those have lost theirs or none; a row that was deleted comes back only if its deletion is lost, a table only if its drop is, and goes only if its creation is.
std::vector<std::string> check_what_is_left(const std::vector<table_content>& before, const std::vector<table_content>& after, const lost_records& lost,
                                            const logged_content& logged);
// A row that comes back may have a value that another one has taken since; a unique index that does not hold any more is a loss of its own. What unique indexes that
// bind have twice, but for what `said` names, a sentence for each index.
std::vector<std::string> clashes_not_named(const std::vector<table_content>& left, std::string_view said);
// The LSNs that a sentence names, "log record 4 is gone", "log records 4 to 6 are gone": the last of each range by its first.
std::map<std::uint64_t, std::uint64_t> records_named_in(std::string_view sentence);
bool is_named(const std::map<std::uint64_t, std::uint64_t>& ranges, std::uint64_t lsn);

}  // namespace dbcord::simulation
