#pragma once
// find_plan: how a find whose values are not all in memory goes about it, by what that costs: read all of them, or ask Discord's guild search which
// messages can match and read only those that search has not been seen to return (design.md section 8). Plain value, made on the table's strand.

#include <memory>

#include "database/find_query.hpp"
#include "database/message_spread.hpp"
#include "database/past_rows.hpp"
#include "database/read_estimate.hpp"
#include "database/access_words.hpp"
#include "database/search_sightings.hpp"

namespace dbcord::database {

struct find_plan {
  access_words words;          // how candidates are found
  std::uint64_t candidates = 0;
  std::uint64_t unread = 0;    // of those, whose values are not in memory
  find_cost reading;           // of all those
  base::duration pace{};       // of a download
  std::optional<find_query::search_key> key;  // empty: search cannot help
  std::uint64_t unseen = 0;    // of `unread`, those that search cannot be trusted with
  find_cost searching;         // the pages of its hits, about, and reading those
  std::uint64_t in_pages = 0;         // candidates that share a message with others: Discord cannot search in it
  std::uint64_t unread_in_pages = 0;  // of those, and of `unseen`
  bool by_search = false;
  bool may_end_early = false;         // the page may be full before all of `unread` are read
  std::shared_ptr<const message_spread> spread;
  std::optional<std::vector<std::string>> sorted;  // the candidates in the order asked for, if they are read in that
  bool in_order = true;               // rows are met in the order asked for
  bool by_digests = false;            // rows of which memory tells that they do not match are not read
  std::uint64_t ruled_out = 0;        // candidates of which it does
  std::vector<std::string> fields_to_index;  // many rows are read that an index on each of these might leave out

  const find_cost& cost() const { return by_search ? searching : reading; }
  // How much it reads turns out on the way: its requests are counted then.
  bool ends_early() const { return may_end_early && !by_search; }
  // Rows of which what memory keeps tells that they do not match, so that it does not matter, either, if their values are damaged; answers how many.
  std::size_t leave_out_ruled_out(const find_query& query, std::vector<protocol::image_row>& rows) const;
  // Before: how it will be done.
  std::string text() const;
  // Behind: so many values were read for it, and what that has taken.
  std::string text_of_reading(std::uint64_t rows, const find_cost& taken) const;
  // What becomes of it where it takes more requests than it may; empty: it does not.
  std::string budget_text(std::size_t requests) const;
  // Empty when it keeps to the budget.
  std::optional<base::error> over_budget(std::size_t requests) const;
  // It has taken all that it may, and found so many rows of which it asks for `enough`, or for all.
  base::error budget_used_up(const find_cost& taken, std::uint64_t found, std::optional<std::size_t> enough) const;

 private:
  std::string text_of_looking() const;
  std::string advice(std::uint64_t read) const;
  std::string what_to_do() const;
  std::string indexes_advised() const;
};

// Whether search must show the row's message if it has the word.
bool is_searchable(const search_sightings::view& seen, base::message_id message, unsigned part);

// `slice`: the bytes of values after which a scan reads those that it has met. `kept`: what its reader has.
find_plan plan_find(const find_query& query, const row_access& access, const search_sightings::view& seen, std::size_t slice,
                    value_reader::kept_sources kept);

// Of rows as they were; `past`: those that it is about.
find_plan plan_past_find(const find_query& query, const table_state& table, const past_rows& past, std::size_t slice, value_reader::kept_sources kept);

}  // namespace dbcord::database
