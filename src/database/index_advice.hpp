#pragma once
// index_advice: on which fields indexes would spare a scan reading most of its rows. Pure; runs on the table's strand.

#include <string>
#include <vector>

#include "database/table_state.hpp"
#include "protocol/predicate.hpp"

namespace dbcord::database {

// One field that all matching rows are asked for, or of an $or those that its branches lack so that each can be answered by an index or by its keys; none: no index would
// help, or fingerprints rule rows out already. `blind`: they do not tell of many rows what those are not equal to.
std::vector<std::string> fields_to_index(const protocol::predicate& where, const table_state& table, bool blind);

}  // namespace dbcord::database
