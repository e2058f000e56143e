#pragma once
// hand_deletions: what is to become of rows of one database whose messages people have deleted, and the guard against taking a mistake, or a bot gone
// wild, for a wish: more than ten at once are not acted on until a person decides. Any thread.

#include <deque>
#include <mutex>
#include <vector>

#include "database/deletion_policies.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct held_row {
  protocol::table_id table = 0;
  std::string key;
  std::uint64_t version = 0;  // a later one is not meant
};

class hand_deletions {
 public:
  static constexpr std::size_t at_once = 10;                        // rows
  static constexpr base::duration at_once_within = std::chrono::seconds(10);
  static constexpr std::size_t held_max = 10'000;                   // rows; others are kept without being asked about

  deletion_policy policy() const;
  // What the log says.
  void set(deletion_policy policy);
  // False: they are too many to be a matter of course, or earlier ones wait for a decision; then they are held for it, whatever the policy.
  bool are_few(const std::vector<held_row>& rows, base::steady_time now);
  void note_accepted(std::uint64_t rows);
  // A person has decided about them.
  std::vector<held_row> take_held();
  deletion_status status() const;

 private:
  mutable std::mutex mutex_;
  deletion_policy policy_ = deletion_policy::restore;
  std::deque<base::steady_time> recent_;  // of each row that was to be deleted lately
  std::vector<held_row> held_;
  std::uint64_t accepted_ = 0;
};

}  // namespace dbcord::database
