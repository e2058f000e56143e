#pragma once
// index_plan: which rows a query can be about, from one of its demands on an indexed field. Views into the table's state:
// valid until it changes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/table_indexes.hpp"
#include "protocol/predicate.hpp"

namespace dbcord::database {

struct index_plan {
  std::string field;
  bool unique = false;
  std::vector<std::string_view> keys;  // sorted, each once: every row that the demand can hold for is among them
};

// The plan with the fewest keys; empty when no demand can be answered from an index, or when it would look at more than `at_most` rows.
std::optional<index_plan> plan_by_index(const protocol::predicate& where, const table_indexes& indexes, std::size_t at_most);

}  // namespace dbcord::database
