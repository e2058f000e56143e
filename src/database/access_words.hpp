#pragma once
// access_words: how a find comes by the rows that it looks at, for people: "index on n, 3 of 45 rows". That they are in memory is said only of those that are. Plain
// value.

#include <string>

#include "database/find_cost.hpp"

namespace dbcord::database {

struct access_words {
  std::string rows;          // "primary key", "scan of 45 rows"
  bool counts_rows = false;  // they end with how many: those are in memory, or else the way there is
  bool sorted = false;

  std::string bare() const { return sorted ? rows + ", sorted in memory" : rows; }
  // Of rows that are all in memory: "scan of 45 rows in memory, 0 requests".
  std::string in_memory(const find_cost& taken = {}) const {
    return rows + (counts_rows ? " in memory, " : ", in memory, ") + taken.text() + (sorted ? ", sorted in memory" : "");
  }
  // Of rows whose values nobody needed: "scan of 45 rows, counted in memory, 0 requests".
  std::string counted() const { return rows + ", counted in memory, 0 requests"; }
};

}  // namespace dbcord::database
