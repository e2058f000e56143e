#pragma once
// request_workload: requests that are handed to a request scheduler all at once, and how they are carried out: each until it has
// succeeded, or has been refused for certain. Limits are learned from the answers alone.

#include <string>
#include <vector>

#include "discord/request_scheduler.hpp"

namespace dbcord::bench {

enum class operation_kind { create, edit, remove };

struct operation {
  operation_kind kind = operation_kind::create;
  std::string channel;
  std::string message;  // of edit and remove
  std::string content;
  std::string nonce;  // of create; empty: one is made, so that it can be repeated
  database::priority level = database::priority::interactive;
  base::duration hand_over{};  // after the start
};

struct operation_outcome {
  bool done = false;
  base::duration latency{};  // from being handed over
  std::string failure;       // a sentence, when not done
};

struct workload_outcome {
  std::vector<operation_outcome> operations;  // in the order of the workload
  base::duration makespan{};                  // from the start to the last answer
  discord::scheduler_stats stats;

  std::uint64_t failed() const;
  // But shared ones, which nobody can foresee.
  std::uint64_t refused_429() const { return stats.limited_user + stats.limited_global; }
  // Milliseconds of those done at this priority.
  std::vector<double> latencies_ms(database::priority level, const std::vector<operation>& of) const;
};

// Runs on the caller's executor, which must be one thread's. A remove waits for the edits of its message before it in the list.
actor::task<workload_outcome> carry_out(const actor::environment& env, discord::request_scheduler& scheduler,
                                        std::vector<operation> operations);

}  // namespace dbcord::bench
