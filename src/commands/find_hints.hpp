#pragma once
// What is said of a find's `fields` and `sort` when they name fields that no row shown has: tables need no schema, so it is no error, but perhaps a slip.

#include "commands/command.hpp"

namespace dbcord::commands {

// The fields that were named and that none of the rows shown has. Pure.
std::vector<std::string> unseen_fields(const database::find_request& request, const std::vector<std::string>& rows);
// "None of the rows shown has the field `nmae`; did you mean `name`?"
// `nobody` outlives the call.
actor::task<std::string> hint_of_unseen_fields(services s, invocation call, std::vector<std::string> names,
                                               std::string_view nobody = "None of the rows shown has");

// The fields of `sort` that the rows shown say nothing of: `fields` leaves them out, or a plan is shown instead of rows. Pure.
std::vector<std::string> hidden_sort_fields(const database::find_request& request, const std::vector<std::string>& rows);
// "None of 25 rows looked at has the field `aeg`; did you mean `age`?" Of those that some row in memory, an index or the schema has nothing is said. Empty: of none.
actor::task<std::string> hint_of_hidden_sort(services s, invocation call, std::vector<std::string> names);

// Rows without `sort` come in the order of their keys, which are texts: said where numbers that are keys are seen out of their order. Empty: they are not.
actor::task<std::string> hint_of_text_order(services s, invocation call, const std::vector<database::row>& rows);

}  // namespace dbcord::commands
