#pragma once
// One step of a transaction, as people write it, understood and checked as far as that goes without the table. Immutable value.
//
//   {"op": "insert", "table": "users", "value": {"id": "u_1", …}}            also "key"; put: insert or replace
//   {"op": "update", "table": "accounts", "key": "ann", "patch": {…}}        JSON merge patch; "add": {"balance": -5} adds to numbers
//   {"op": "delete" | "get" | "check", "table": …, "key": …}                 get shows the row; check only looks
// Preconditions of every step: "expected_version": n (0: no such row), "must_exist": true, "must_not_exist": true,
// "where": {…} (protocol/predicate.hpp). A step sees what the steps before it have done.

#include <optional>
#include <string>
#include <vector>

#include "database/row_input.hpp"
#include "protocol/predicate.hpp"

namespace dbcord::database {

enum class row_action { insert, put, update, remove, get, check };

struct increment {
  std::string field;   // dotted path through objects
  std::string amount;  // a JSON number's text
};

struct row_operation {
  row_action action = row_action::check;
  std::string table;
  std::string key;       // of insert and put: may be empty before check_row() has found it
  std::string json;      // insert, put: the row
  protocol::json_node patch;  // update: an object
  std::vector<increment> add;
  std::optional<protocol::predicate> where;
  std::optional<std::uint64_t> expected_version;
  std::optional<bool> exists;

  bool changes() const { return action != row_action::get && action != row_action::check; }
};

inline constexpr std::size_t max_row_operations = 1'000;  // of one transaction

// From a JSON list. An error is one sentence that names the step by its number, from 1.
base::result<std::vector<row_operation>> parse_row_operations(std::string_view json, std::size_t row_cap);

}  // namespace dbcord::database
