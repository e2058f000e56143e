#pragma once
// suggestions: what a person may be about to type of a table: keys, fields (within objects, too: "address.city"), indexed fields. Pure; on the table's strand.
// Looks at a bounded number of rows, however large the table is.

#include <string>
#include <string_view>
#include <vector>

#include "database/table_state.hpp"

namespace dbcord::database {

// At most `limit`, sorted, a row's own fields before paths into them, all beginning with `typed`; of rows neither.
std::vector<std::string> suggestions(const table_state& state, suggestion what, std::string_view typed, std::size_t limit);

}  // namespace dbcord::database
