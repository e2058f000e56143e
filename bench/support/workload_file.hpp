#pragma once
// workload_file: a workload from a file and the server to run it against:
// {"base_url", "token", "guild_id", "ops": [{"op": "create"|"edit"|"delete", "channel", "message"?, "content"?, "nonce"?}]}.

#include <filesystem>

#include "support/request_workload.hpp"

namespace dbcord::bench {

struct workload_file {
  std::string api_url;        // with /api/v10, no slash at the end
  std::string authorization;  // "Bot …"
  std::vector<operation> operations;
};

// An error is one sentence that names what is wrong.
base::result<workload_file> read_workload(const std::filesystem::path& file);

// base_url as people write it: with or without /api or /api/v10, or a slash at the end.
base::result<std::string> complete_api_url(std::string base_url);

// Carries it out over sockets and prints {"peer": …, "client_s": …, "failed": …} as the last line; failures go to standard error.
// Exit status: 0, or 1 when an operation failed.
int run_workload(const workload_file& workload);

}  // namespace dbcord::bench
