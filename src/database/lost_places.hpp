#pragma once
// lost_places: what adoption asks when it finds copies of rows that lie elsewhere, as the checkpoint has it. A row whose message people had deleted was written again as
// such a copy, and of a checkpoint taken before that the log's record need not be there any more: then the copy alone holds the row. Stateless coroutines; any strand.

#include <functional>
#include <string>
#include <vector>

#include "database/table_actor.hpp"

namespace dbcord::database {

struct adoption_context {
  const actor::environment& env;
  message_store& store;
  const std::string& database;
  std::function<bool()> given_up;  // any thread
};

// Places of live rows that are gone count no more, so that a copy can take their place. Requests only for rows that lie elsewhere.
actor::task<void> leave_lost_places(adoption_context context, table_ptr table, std::vector<row_copy> found);

}  // namespace dbcord::database
