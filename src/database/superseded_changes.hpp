#pragma once
// Rows that a start found in messages since the records that wrote them are lost (table_scan), and what the rest of the log tells of the same keys. Pure.

#include <vector>

#include "database/loaded_image.hpp"
#include "database/log_opening.hpp"

namespace dbcord::database {

// Changes of the log that are older than the row that was found become its older versions, and leave their groups: replayed, they would undo it. An erasure
// ends the history of what was found before it.
void fold_superseded(std::vector<recovered_group>& groups, loaded_image& found);

}  // namespace dbcord::database
