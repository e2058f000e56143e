#pragma once
// find_query: a find_request that was understood, and the rows that it finds in a table. Immutable value; run() is plain and runs on
// the table's strand.

#include "database/table_state.hpp"
#include "protocol/predicate.hpp"
#include "protocol/projection.hpp"

namespace dbcord::database {

class row_access;

class find_query {
 public:
  // An error names the argument (errc::invalid_query).
  static base::result<find_query> parse(const find_request& request);

  struct found {
    std::string_view key;
    stored_row row;
  };
  struct outcome {
    std::vector<found> rows;    // of the page; valid until the table changes
    std::uint64_t matched = 0;  // before limit and skip
    std::string plan;
  };
  outcome run(const table_state& table) const;
  // How run() would go about it.
  std::string explain(const table_state& table) const;

  std::size_t byte_budget() const { return byte_budget_; }
  bool count_only() const { return count_only_; }
  bool explain_only() const { return explain_only_; }
  // What is shown of a row.
  std::string shown(const std::string& json) const;

 private:
  outcome sorted(outcome all) const;
  std::string text_of(const row_access& access) const;

  protocol::predicate where_;
  protocol::sort_order order_;
  protocol::projection fields_;
  std::size_t limit_ = 0;
  std::size_t skip_ = 0;
  std::size_t byte_budget_ = 0;
  bool count_only_ = false;
  bool explain_only_ = false;
};

}  // namespace dbcord::database
