#pragma once
// import_checks: whether as many rows of each import are in as its answer says, by everything that was ever written to the log. Pure.

#include "simulation/history.hpp"
#include "simulation/log_watch.hpp"

namespace dbcord::simulation {

// An import whose answer says how many of its rows are in.
struct told_import {
  std::string table;
  std::vector<std::pair<std::string, std::int64_t>> rows;  // key, and the value of v, which no other write has
  std::uint64_t imported = 0;                              // for certain
  bool no_others = true;                                   // else more of them may be in
  operation_outcome outcome = operation_outcome::done;
  std::string told{};
};

struct import_figures {
  std::uint64_t answered = 0;    // that say how many rows are in
  std::uint64_t in_part = 0;     // some rows are in, others not, for want of something
  std::uint64_t in_doubt = 0;    // and perhaps more

  friend void operator+=(import_figures& a, const import_figures& b) {
    for (auto figure : {&import_figures::answered, &import_figures::in_part, &import_figures::in_doubt}) a.*figure += b.*figure;
  }
};
import_figures count_imports(const std::vector<told_import>& imports);
// `counting`: hashes of the records that count.
std::vector<std::string> check_imports(const std::vector<told_import>& imports, const logged_content& logged, const std::set<std::string>& counting);

}  // namespace dbcord::simulation
