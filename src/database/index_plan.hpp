#pragma once
// index_plan: which rows a query can be about, from one of its demands on indexed fields. Views into the table's state: valid until it changes.
//
// Several bounds on one field are one range, unless a row has several values of it: each bound may then hold for another one. A demand that one of
// several branches holds ($or) is answered if each branch can be, by its keys or by an index.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/predicate.hpp"

namespace dbcord::database {

class table_state;

struct index_plan {
  std::string name;                    // "unique index on email", "union of index on a and 2 primary keys"
  std::vector<std::string_view> keys;  // sorted, each once: every row that the demand can hold for is among them
  bool exact = false;                  // nothing else is demanded: all of them match, unless columns are being altered
};

// Whether an index on the condition's field would tell which rows it can hold for.
bool is_answered_by_index(const protocol::field_condition& c);

// The plan with the fewest keys; empty when no demand can be answered from an index, or when it would look at more than `at_most` rows.
std::optional<index_plan> plan_by_index(const protocol::predicate& where, const table_state& table, std::size_t at_most);

}  // namespace dbcord::database
