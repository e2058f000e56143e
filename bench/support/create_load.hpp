#pragma once
// create_load: posts messages to a local guild over keep-alive connections, one request at a time on each (no pipelining), with
// as little work as possible beside: raw sockets on one io_context, a request text made once, an answer looked at no further
// than its status and length. It runs in the benchmark's process, so it shares the machine's cores with the guild.

#include <cstdint>
#include <filesystem>
#include <string>

namespace dbcord::bench {

struct load_options {
  std::filesystem::path guild;  // the directory; its credentials.json says where and as whom
  int connections = 64;
  std::uint64_t messages = 0;
  std::size_t content_bytes = 100;
};

struct load_result {
  double seconds = 0;
  double client_cpu_seconds = 0;
  double p50_ms = 0, p99_ms = 0;  // of one request
};

// std::runtime_error when an answer is not 200 or a connection breaks.
load_result post_messages(const load_options& options);

}  // namespace dbcord::bench
