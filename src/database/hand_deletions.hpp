#pragma once
// hand_deletions: what is to become of rows of one database whose messages people have deleted, and the guard against taking a mistake, or a bot gone
// wild, for a wish: more than ten at once are not acted on until a person decides. That can only be told when some time has passed: so the policy `accept` acts on a
// deletion when the ten seconds behind it are over. Any thread.

#include <deque>
#include <mutex>
#include <vector>

#include "actor/event.hpp"
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

  enum class fate { kept, held, waits };  // waits: call take_waiting() when the time is over, or `settled` is notified
  struct noted {
    fate what = fate::kept;
    bool known = false;      // all of them wait already: the gateway tells some things twice
    std::uint64_t number = 0;
    actor::event settled;
  };

  deletion_policy policy() const;
  // What the log says.
  void set(deletion_policy policy);
  // With too many of them those that waited are held, too.
  noted note(std::vector<held_row> rows, base::steady_time now);
  // Those that may be deleted now; none if something else was settled meanwhile.
  std::vector<held_row> take_waiting(std::uint64_t number);
  // None of those that wait is deleted.
  void give_up();
  void note_accepted(std::uint64_t rows);
  // A person has decided about them, and about those that wait.
  std::vector<held_row> take_held();
  deletion_status status() const;

 private:
  struct waiting_rows {
    std::uint64_t number = 0;
    std::vector<held_row> rows;
    actor::event settled;
  };

  bool waits(const held_row& row) const;
  void hold(const std::vector<held_row>& rows);
  std::vector<waiting_rows> stop_waiting();

  mutable std::mutex mutex_;
  deletion_policy policy_ = deletion_policy::restore;
  std::deque<base::steady_time> recent_;  // of each row whose message was deleted lately
  std::vector<waiting_rows> waiting_;     // at most `at_once` rows, oldest first
  std::uint64_t last_number_ = 0;
  std::vector<held_row> held_;
  std::uint64_t accepted_ = 0;
  bool given_up_ = false;
};

}  // namespace dbcord::database
