#pragma once
// held_connections: very many connections to a local guild at once. One thread; blocks.

#include <cstddef>
#include <filesystem>

#include "support/server_process.hpp"

namespace dbcord::bench {

struct held_connections {
  std::size_t held = 0;      // fewer than wanted when this process may not open as many files, which is said on standard error
  std::size_t served = 0;    // answered with 200 while all the others were there
  std::size_t refused = 0;   // closed
  std::size_t silent = 0;    // neither, for ten seconds
  std::size_t resident = 0;  // bytes of the guild meanwhile
  bool served_afterwards = false;  // a connection that came when all of them had gone
};

// Opens all of them, then asks for something on each. std::runtime_error when the guild takes no connection at all.
held_connections hold_connections(const std::filesystem::path& guild, std::size_t wanted, const server_process& server);

}  // namespace dbcord::bench
