#pragma once
// reservation: a table's part of a transaction over several rows and tables. Plain values.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actor/promise.hpp"
#include "database/memory_account.hpp"
#include "database/row_operation.hpp"
#include "dbcord/rows.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// A step of a transaction, with its place in the whole, from 0.
struct numbered_step {
  std::size_t number = 0;
  row_operation step;
};

// What became of a table's part of a transaction. At most one of `refusal`, `needs`, `wait_for` and `lacking` is set, and then the table is as before.
struct reservation {
  std::vector<std::pair<std::size_t, protocol::operation>> changes;
  std::vector<std::pair<std::size_t, row>> seen;  // by `get`
  std::optional<base::error> refusal;
  std::size_t refused_step = 0;
  std::vector<std::string> needs;                        // values to be read first (make_resident), then decide again
  std::optional<dbcord::actor::promise<bool>> wait_for;  // decide again when this is set: it rests on what is not yet settled
  std::optional<memory_demand> lacking;                  // decide again when there is more room
};

}  // namespace dbcord::database
