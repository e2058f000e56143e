#pragma once
// gateway_load: many gateway sessions of a local guild at once, events in both directions at a fixed pace, every one accounted for:
// to the sessions go MESSAGE_CREATEs of messages that are posted meanwhile, from them heartbeats, each of which is acknowledged.
// Runs in the benchmark's process, on one thread, so it shares the machine's cores with the guild.

#include <cstdint>
#include <filesystem>

namespace dbcord::bench {

struct gateway_load_options {
  std::filesystem::path guild;  // the directory; its credentials.json says where and as whom
  int sessions = 200;
  int a_second = 50;            // events to and from each session
  int seconds = 20;
};

struct gateway_load_result {
  std::uint64_t to_sessions = 0;    // events that were due, in all
  std::uint64_t lost = 0;           // of them
  std::uint64_t doubled = 0;        // came more than once
  std::uint64_t from_sessions = 0;  // heartbeats that were sent
  std::uint64_t unanswered = 0;     // of them
  double seconds = 0;               // from the first event until the last was there
  double p50_ms = 0, p99_ms = 0;    // from posting a message to its event
  double client_cpu_seconds = 0;
};

// std::runtime_error when a session cannot be opened or a message is refused.
gateway_load_result exchange_events(const gateway_load_options& options);

}  // namespace dbcord::bench
