#pragma once
// find_checks: what must be true of the answers of finds and exports. One by one: every row shown satisfies the condition, in the order asked for, no more than asked
// for, none twice. Over a whole history: the rows of one answer, and the number that it tells, are of one moment (that each row by itself is possible, linearizability
// judges). Pure, one thread.

#include "simulation/reply_reader.hpp"

namespace dbcord::simulation {

struct find_question {
  row_filter where{};
  std::string sort{};  // a field; empty: by key
  bool descending = false;
  std::size_t limit = 25;  // as /dbc_find does by itself
  bool count_only = false;
  bool unique_q = false;  // a unique index is on the field q
};

// As options of /dbc_find; the path is left to it.
std::vector<boost::json::object> options_of(const find_question& question);
std::string where_json(const row_filter& filter);

// One answer by itself.
std::vector<std::string> check_find(const find_question& question, const reply_meaning& meaning);
// What the answer says of a key that it does not show: that no row with that key matches all of these (none: there is none). Nullopt: it says nothing.
std::optional<std::vector<row_filter>> hidden_from(const find_question& question, const reply_meaning& meaning, const std::string& key);

// The reads that one find answers: is there a moment for all of them? Only what is certain counts: values other than those of the fields `shared` are written once.
std::vector<std::string> check_snapshots(const history& all, const std::set<std::string>& shared = {"q", "s"});

struct told_count {
  std::string table;
  row_filter where;
  base::steady_time asked, answered;
  std::size_t matched = 0;
};
// No fewer than certainly matched all the time, and no more than may have matched; keys that are not among `keys` match nothing.
std::vector<std::string> check_counts(const history& all, const std::vector<told_count>& counts, const std::vector<std::pair<std::string, std::string>>& keys);

}  // namespace dbcord::simulation
