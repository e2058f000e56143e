#pragma once
// A purge of the row "gone" by a process that is killed after so many handlers, if it has not ended by then; then the next process.

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::test {

inline void purge_and_be_killed(database_fixture& f, int handlers) {
  bool dead = false, ended = false;
  f.world.set_fuse(*f.process, static_cast<std::uint64_t>(handlers), [&] { dead = true; });
  f.process->spawn([](database::engine& e, database::write_context c, bool& yes) -> actor::task<void> {
    auto done = co_await e.storage().purge("prod", "users", "gone", std::move(c));
    yes = done.has_value();
  }(*f.stack->engine, f.context(1h), ended));
  f.world.run_until([&] { return ended || dead; }, 1h);
  f.restart();
}

}  // namespace dbcord::test
