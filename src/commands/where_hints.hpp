#pragma once
// What is said of a find that matches no row: tables need no schema, so a condition that no row can meet is no error, but perhaps a slip: a mistyped field, a
// value of another type than the field's, an operator without its $.

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"
#include "protocol/json_node.hpp"
#include "protocol/predicate.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::commands {

// What is known of a table without asking Discord.
struct table_sketch {
  std::vector<protocol::json_node> rows;  // some; all of them if that is `rows_there`
  std::uint64_t rows_there = 0;
  protocol::row_schema schema;
  std::vector<std::string> indexed;  // fields that some row has, by their index
};

// A sentence for each kind of slip, or nothing. Of a table without rows nothing is known. Pure.
std::string where_hints(const protocol::predicate& where, const table_sketch& table);
// The same with a space in front, of a find that is over; from memory, no request.
actor::task<std::string> hint_of_nothing_found(services s, invocation call, std::string where_json);

}  // namespace dbcord::commands
