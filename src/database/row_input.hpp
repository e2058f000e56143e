#pragma once
// Rows and patches as people send them, checked and made compact before they reach a table. Pure, any thread.

#include <optional>

#include "database/engine.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::database {

struct checked_row {
  std::string key;
  std::string json;  // compact; has the primary key field
};

// One sentence per error, naming the argument. `value_json`: what gave the row; or `value` of a transaction's step; or a file, which has no argument for its key;
// or a copy of a table that is restored: its rows are as they were, also those that would be refused today for the names of their fields.
enum class row_source { value_json, step, file, copy };
base::result<checked_row> check_row(new_row input, const std::string& primary_key, std::size_t row_cap, row_source from = row_source::value_json);
base::result<void> check_key(std::string_view key);
base::result<void> check_index_field(std::string_view field, std::string_view primary_key);
// Why a patch, given as `name`, changes nothing; empty: it names a field.
std::optional<std::string> empty_patch(const protocol::json_node& patch, std::string_view name);
base::result<protocol::json_node> check_patch(std::string_view json, std::size_t row_cap);
base::result<protocol::json_node> check_whole_row(std::string_view json, std::size_t row_cap);

}  // namespace dbcord::database
