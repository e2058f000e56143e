#pragma once
// shared_limits: what the databases of an engine share and may use up for each other: memory, bytes that wait for Discord, and what answers hold. Any thread.

#include "database/answer_room.hpp"
#include "database/commit_queue.hpp"
#include "database/memory_account.hpp"

namespace dbcord::database {

struct shared_limits {
  static constexpr std::uint64_t least_answers = 32 * 1024 * 1024;  // one that is as large as any may be
  static constexpr std::uint64_t answers_part = 8;                  // of the memory, besides it

  shared_limits(std::uint64_t memory_cap, std::size_t backlog_cap)
      : memory(memory_cap), backlog(backlog_cap), answers(std::make_shared<answer_room>(std::max(least_answers, memory_cap / answers_part))) {}

  memory_account memory;
  shared_backlog backlog;
  std::shared_ptr<answer_room> answers;
};

}  // namespace dbcord::database
