#pragma once
// What a row that is to be written takes until it is committed, which is more than it takes then. Pure, any thread.

#include "database/table_state.hpp"

namespace dbcord::database {

// Bytes; `index_bytes` as decision::index_bytes.
inline std::uint64_t bytes_while_pending(const protocol::put_row& put, std::uint64_t index_bytes) {
  return put.key.size() + put.json.size() + table_state::pending_overhead + index_bytes;
}

}  // namespace dbcord::database
