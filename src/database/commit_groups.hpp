#pragma once
// commit_groups: which records of the log wrote a table's live rows, so that a row need hold no more than a number of four bytes. Counts the rows of
// each, and those that have no other place (design.md section 7: the log stays as long as one has none). Plain data; on its table's strand.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

class commit_groups {
 public:
  using number = std::uint32_t;

  // The record's number, with one row more. Cheap for the newest record; for older ones only until settle().
  number add_row(std::uint64_t lsn, base::message_id log_message);
  void remove_row(number group);
  // A row of the group has no place but the log, or has another one again.
  void add_log_only(number group) { ++groups_[group].log_only; }
  void remove_log_only(number group) { --groups_[group].log_only; }
  // No older record will be named any more: what finds them by LSN is forgotten.
  void settle();

  std::uint64_t lsn(number group) const { return groups_[group].lsn; }
  base::message_id log_message(number group) const { return groups_[group].log_message; }
  std::uint64_t newest_lsn() const { return newest_lsn_; }
  // Of the oldest record, from that LSN on, that is some row's only place. Linear in the records.
  std::optional<std::uint64_t> oldest_log_only(std::uint64_t from = 0) const;
  std::uint64_t memory() const;

 private:
  struct record {
    std::uint64_t lsn = 0;
    base::message_id log_message;
    std::uint32_t rows = 0;
    std::uint32_t log_only = 0;
  };

  std::deque<record> groups_;  // grows in small steps
  std::vector<number> free_;
  std::optional<number> newest_;
  std::uint64_t newest_lsn_ = 0;
  bool loading_ = true;
  std::unordered_map<std::uint64_t, number> by_lsn_;  // while loading
};

}  // namespace dbcord::database
