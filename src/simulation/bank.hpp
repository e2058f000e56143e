#pragma once
// bank: a workload of transactions over several tables, and what must be true of it. Accounts lie in three tables; a transfer (/dbc_txn)
// moves money between two of them and adds one to a mark in every table and to that one's twin, in the same table. So in whatever anybody sees of one moment the money is all
// there and the marks are equal, and a mark never runs backwards, from whichever tables it is read one after another.
// Owned by the run. One thread (the world's).

#include <set>

#include "simulation/find_checks.hpp"

namespace dbcord::simulation {

class bank {
 public:
  static constexpr int tables = 3;
  static constexpr int accounts = 3;  // per table
  static constexpr std::int64_t deposit = 100;

  bank(world& w, base::random_source& random, std::uint64_t seed = 1) : world_(w), random_(random), finding_(seed) {}

  // How it is set up; all of it must succeed.
  static std::vector<slash_command> opening();

  slash_command transfer();
  slash_command look();  // all accounts and marks, in one transaction that only reads
  slash_command peek();  // one mark, by /dbc_get
  // A mark and its twin, by /dbc_find, or how many of them there are of a number.
  struct pair_question {
    std::string table;
    find_question asked;
  };
  pair_question draw_pair_question();
  // Both or neither, and with one number. Pure.
  static std::vector<std::string> check_pair(const pair_question& q, const reply_meaning& meaning);
  void judge(const pair_question& q, const reply_meaning& meaning, base::steady_time asked);
  // What became of the newest command of that kind; in any order. `asked`: its number.
  std::size_t begin(bool changes);
  void end(std::size_t asked, const reply_meaning& meaning);
  // Somebody else has read a mark, between these two times.
  void seen(std::int64_t mark, base::steady_time asked, base::steady_time answered, std::string where);

  // Over everything so far.
  std::vector<std::string> violations() const;

 private:
  struct transfer_record {
    base::steady_time asked, answered;  // max: no answer
    operation_outcome outcome = operation_outcome::unknown;
  };
  struct sighting {
    std::int64_t mark;
    base::steady_time asked, answered;
    std::string where;
  };
  struct question {
    bool changes = false;
    base::steady_time asked;
    std::size_t transfer = 0;
  };
  void judge_look(const question& q, const reply_meaning& meaning);

  world& world_;
  base::random_source& random_;
  base::seeded_random finding_;
  std::vector<question> questions_;
  std::vector<transfer_record> transfers_;
  std::vector<sighting> sightings_;
  std::vector<std::string> violations_;
};

}  // namespace dbcord::simulation
