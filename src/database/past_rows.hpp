#pragma once
// past_rows: the rows of a table as they were at an LSN, in the order of their keys, slice by slice, whatever is committed meanwhile: what a row was then does not
// change any more. It can only be forgotten, which is an error (errc::horizon). Used on the table's strand, by one find.
//
// Which rows there were only rows and their history tell: no index is asked, but keys never change, so what a query demands of them holds.

#include <string>
#include <vector>

#include "database/key_plan.hpp"
#include "database/table_state.hpp"

namespace dbcord::database {

class past_rows {
 public:
  past_rows(std::uint64_t lsn, key_plan keys) : lsn_(lsn), keys_(std::move(keys)) {}

  // The newest LSN of the table at that moment: everything of one record of the log is in it, or nothing. Linear.
  static std::uint64_t lsn_of(moment when, const table_state& table);
  std::uint64_t lsn() const { return lsn_; }
  const key_plan& keys() const { return keys_; }

  // Not all is known any more of the rows that it is about. Linear in the history.
  std::optional<base::error> behind_horizon(const table_state& table) const;
  // Calls `visit(key, row)` for every row there was. Of one that has changed since, the size is guessed, and the value has to be read.
  template <class Visit>
  void each(const table_state& table, Visit visit) const {
    each_key(table, "", [&](std::string_view key, const known_versions& known) {
      if (auto row = row_of(known, mean_size(table))) visit(key, *row);
      return true;
    });
  }
  // The next ones, about `bytes` of them, and at least one; empty at the end.
  base::result<std::vector<protocol::image_row>> next(const table_state& table, std::size_t bytes);
  // What was read of them: how large those are that come next is guessed from that.
  void note_sizes(const std::vector<protocol::image_row>& read);

 private:
  struct known_versions {
    std::optional<stored_row> live;
    const std::vector<past_version>* past = nullptr;  // oldest first
  };
  // Of a row that has changed since what it was then; null: there is none, or it was deleted.
  const past_version* past_of(const known_versions& known) const;
  std::optional<stored_row> row_of(const known_versions& known, std::uint64_t size) const;
  // The LSN from which on everything is known of the key; 0: at once.
  std::uint64_t unknown_before(const table_state& table, std::string_view key, const known_versions& known) const;
  base::error too_long_ago(const table_state& table, std::uint64_t known_from) const;
  std::uint64_t mean_size(const table_state& table) const;
  // Calls `visit(key, known)` for every key from `from` on that the query can be about and that has a row or a history, until it answers false.
  template <class Visit>
  void each_key(const table_state& table, std::string_view from, Visit visit) const;

  std::uint64_t lsn_;
  key_plan keys_;
  std::string from_;   // the first key that next() has not looked at
  bool ended_ = false;
  std::size_t changed_at_once_ = 64;  // of rows that have changed since, in one slice: their sizes are guessed
  std::uint64_t read_rows_ = 0, read_bytes_ = 0;
};

template <class Visit>
void past_rows::each_key(const table_state& table, std::string_view from, Visit visit) const {
  if (keys_.keys) {
    for (const auto& key : *keys_.keys) {
      if (key < from) continue;
      if (!visit(key, known_versions{table.find(key), table.history().of(key)})) return;
    }
    return;
  }
  const auto& range = keys_.range;
  auto first = range ? std::max<std::string_view>(from, range->from) : from;
  auto is_past = [&](std::string_view key) { return range && range->past && key >= *range->past; };
  auto row = table.rows().lower_bound(first);
  bool goes_on = true;
  auto visit_one = [&](std::string_view key, const known_versions& known) {
    goes_on = !is_past(key) && (!keys_.is_within_numbers(key) || visit(key, known));
  };
  auto rows_before = [&](const std::string* key) {
    for (; goes_on && row != table.rows().end() && (!key || row.key() < *key); ++row) visit_one(row.key(), {row.row(), nullptr});
  };
  table.history().each_from(first, [&](const std::string& key, const std::vector<past_version>& versions) {
    rows_before(&key);
    if (!goes_on) return false;
    known_versions known{std::nullopt, &versions};
    if (row != table.rows().end() && row.key() == key) {
      known.live = row.row();
      ++row;
    }
    visit_one(key, known);
    return goes_on;
  });
  rows_before(nullptr);
}

}  // namespace dbcord::database
