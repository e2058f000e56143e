#pragma once
// What a cell of CSV means as a value of a row, and how a value is written so that it means the same again, whatever the table's schema. Pure, any thread.
//
// Nothing is a missing field, "" the empty text. Where the schema says str, a cell is its text; where it says another type, it must read as JSON of that
// type. Elsewhere an unquoted cell that reads as a JSON number, true, false or null is that, and a cell that reads as a JSON list or object is that; all
// else is text, so quotes make a text of what looks like a number. A text that looks like a list or an object is written as a JSON string: "[1]".

#include <string>
#include <string_view>

#include "commands/csv_reader.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::commands {

// As a cell, in quotes where some program might take it for something else.
void append_csv_text(std::string& out, std::string_view text);
// `value` null: the field is missing.
void append_csv_value(std::string& out, const protocol::json_node* value);

// As JSON, numbers as they are written; `cell` is not empty. An error is the reason why the row cannot have it.
base::result<std::string> value_of_cell(const csv_cell& cell, const protocol::field_rule& rule);

// A field's name at the top of a row, as the head of a column: a path like address.city, or the name itself as a JSON string where it would
// be taken for something else.
void append_csv_head(std::string& out, std::string_view name);
// The names along the path. An error is what is wrong with it.
base::result<std::vector<std::string>> path_of_head(const csv_cell& head);

}  // namespace dbcord::commands
