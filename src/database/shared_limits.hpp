#pragma once
// shared_limits: what the databases of an engine share and may use up for each other: memory, and bytes that wait for Discord. Any thread.

#include "database/commit_queue.hpp"
#include "database/memory_account.hpp"

namespace dbcord::database {

struct shared_limits {
  shared_limits(std::uint64_t memory_cap, std::size_t backlog_cap) : memory(memory_cap), backlog(backlog_cap) {}

  memory_account memory;
  shared_backlog backlog;
};

}  // namespace dbcord::database
