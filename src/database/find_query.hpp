#pragma once
// find_query: a find_request that was understood, and the rows that it finds in a table. Immutable value; run() is plain and runs on
// the table's strand.

#include <limits>

#include "database/access_words.hpp"
#include "database/key_plan.hpp"
#include "database/table_state.hpp"
#include "protocol/predicate.hpp"
#include "protocol/projection.hpp"

namespace dbcord::database {

class row_access;

enum class find_path { automatic, search, memory };

class find_query {
 public:
  // An error names the argument (errc::invalid_query).
  static base::result<find_query> parse(const find_request& request);

  struct found {
    std::string_view key;
    stored_row row;
  };
  struct outcome {
    std::vector<found> rows;    // of the page, from its end on if backwards(); valid until the table changes
    std::uint64_t matched = 0;  // before limit and skip
    std::string plan;
    bool incomplete = false;    // rows that could match have their values elsewhere: nothing else counts then
    bool too_long = false;      // the same of looking at them, which takes more work than it may
  };
  // How much work it is to look at a row, in about 10 ns: its JSON is parsed, and each condition looks at a field of it.
  std::uint64_t work_of(std::uint64_t json_bytes) const { return json_bytes + conditions_ * (16 + json_bytes / 8); }
  static constexpr std::uint64_t work_at_once = 2'000'000;  // on a table's strand, where then others have their turn

  // How it finds the rows that it looks at; what follows is asked of that, which is made once for a find.
  row_access access(const table_state& table) const;
  outcome run(const row_access& access, std::uint64_t most_work = std::numeric_limits<std::uint64_t>::max()) const;
  access_words access_words_of(const row_access& access) const;
  // One of its equalities that guild search can answer: the field, and the word that every matching row's message has.
  struct search_key {
    std::string field;
    std::string word;
    base::channel_id channel;
  };
  std::optional<search_key> search_key_in(base::channel_id channel) const;
  bool matches(std::string_view json) const { return where_.matches(json); }
  // Whether what memory keeps of rows whose values are evicted (stored_row::digest, fingerprints) can tell of some that they do not match,
  bool looks_at_digests(const row_access& access) const;
  // and whether it does.
  bool is_ruled_out_by(std::string_view digest, std::string_view fingerprints) const;
  // Fields by which an index on each would find fewer rows than a scan looks at; none: nothing would. `blind`: fingerprints do not tell of many rows what they are not equal to.
  std::vector<std::string> fields_to_index(const row_access& access, bool blind) const;

  // Of which moment the rows are asked for; empty: as they are.
  const std::optional<moment>& as_of() const { return as_of_; }
  key_plan keys_in(const table_state& table) const { return plan_keys(where_, table.definition().primary_key, after_, before_); }
  bool wants_everything() const { return where_.matches_everything(); }
  find_path via() const { return via_; }
  std::size_t request_budget() const { return request_budget_; }
  std::size_t byte_budget() const { return byte_budget_; }
  bool count_only() const { return count_only_; }
  // Only how many match is asked for, and that is known without their values.
  bool is_counted_by(const row_access& access) const;
  bool in_key_order() const { return order_.none() && !before_; }
  bool sorts() const { return !order_.none(); }
  // It asks for the last rows before a key, so they are met, and found, from that key on downwards; what is shown is turned round.
  bool backwards() const { return before_.has_value(); }
  // The keys of the rows that it would look at, in the order that it asks for, where memory has the fields of each that it sorts by: in the value, or in what is kept of
  // one that is evicted, since an index is on them, or as its key, unless that may be of a text or of a number; or where their order is that of keys,
  // backwards. Empty: it has not.
  static constexpr std::size_t sorted_most = 50'000;  // candidates for which that is worth while
  std::optional<std::vector<std::string>> sorted_keys(const row_access& access) const;
  // Its page is full as soon as so many matching rows were found in its order; empty: all have to be looked at.
  std::optional<std::size_t> enough() const;
  bool explain_only() const { return explain_only_; }
  // How many rows' values it may hold at once.
  std::size_t rows_held() const { return explain_only_ || count_only_ ? 0 : wanted(); }
  // A find that reads values from Discord can be long work: rows that were looked at are counted there, and it can be cancelled.
  void follow(work_progress_ptr progress) { progress_ = std::move(progress); }
  const work_progress_ptr& progress() const { return progress_; }
  static base::error cancelled() { return {base::errc::stopping, "the search for rows was cancelled"}; }
  // What is shown of a row.
  std::string shown(const std::string& json) const;

 private:
  friend class find_collector;
  outcome sorted(outcome all) const;
  outcome last_of(outcome all) const;
  void keep_last(std::vector<found>& rows) const;
  std::size_t wanted() const;  // of matching rows, before skip

  protocol::predicate where_;
  std::uint64_t conditions_ = 0;
  protocol::sort_order order_;
  protocol::projection fields_;
  std::size_t limit_ = 0;
  std::size_t skip_ = 0;
  std::optional<std::string> after_;
  std::optional<std::string> before_;
  std::size_t byte_budget_ = 0;
  bool count_only_ = false;
  bool explain_only_ = false;
  find_path via_ = find_path::automatic;
  std::size_t request_budget_ = 0;
  std::optional<moment> as_of_;
  work_progress_ptr progress_;
};

// What a find makes of rows that are shown to it one by one, in the order of their keys or (`in_order`) that it asks for. Holds no more values than the query's byte
// budget shows, and a quarter as many again while it sorts; of rows that a sort skips it may have let go of the values.
class find_collector {
 public:
  find_collector(const find_query& query, bool in_order) : query_(query), in_order_(in_order) {}

  void consider(protocol::image_row row);
  std::uint64_t matched() const { return matched_; }
  // What follows changes nothing but how many rows have matched.
  bool is_full() const;
  // From its end on if the query goes backwards. Those that are not resident have to be read again.
  std::vector<protocol::image_row> page();
  std::size_t held() const { return held_; }  // bytes of values

 private:
  struct sorted_row {
    protocol::sort_order::key key;
    protocol::image_row row;
    std::size_t bytes = 0;  // of its value
  };
  void consider_for_page(protocol::image_row row, std::uint64_t position);
  void keep_best();
  void let_go_of_skipped(std::size_t on_page);

  const find_query& query_;
  bool in_order_;
  std::uint64_t matched_ = 0;
  std::vector<protocol::image_row> rows_;
  bool page_ended_ = false;                           // by the byte budget
  std::vector<sorted_row> sorted_;
  std::size_t best_ = 0;                              // of sorted_, from its beginning: they are in order, the others are not yet
  std::size_t held_ = 0, held_by_best_ = 0;
  std::optional<protocol::sort_order::key> bound_;    // rows that are not before it are not on the page
};

}  // namespace dbcord::database
