#pragma once
// await_adoption: what must know all messages of a table waits here for those that an earlier process has written. Header only.

#include <atomic>

#include "actor/event.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

// Returns when the table adopts no more, or before the deadline, or when given up: ask table->adopting(), or whether it knows_all_messages().
inline actor::task<void> await_adoption(const actor::environment& env, table_ptr table, const std::atomic<bool>& given_up, base::steady_time deadline) {
  constexpr base::duration poll = std::chrono::milliseconds(500);
  while (table->adopting() && !given_up && env.now() + poll < deadline) co_await actor::sleep_for(env, poll);
}

}  // namespace dbcord::database
