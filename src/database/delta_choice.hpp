#pragma once
// What a start finds of deltas, and which of them it downloads: those that save it more than one file each. Plain data and a pure function, any thread.

#include <cstdint>
#include <vector>

#include "protocol/checkpoint_delta.hpp"

namespace dbcord::database {

struct known_delta {
  protocol::delta_header header;
  base::message_id message;
};

struct found_deltas {
  std::vector<known_delta> whole;           // that were read, and held what the log's records say; by LSN, none overlaps another
  std::vector<base::message_id> useless;    // all others
};

// Positions in `found`, by LSN; none of them overlaps another. `files`: the LSNs of the records with a file, ascending. Among equals the later one of `found`.
std::vector<std::size_t> choose_deltas(const std::vector<protocol::delta_header>& found, const std::vector<std::uint64_t>& files);

}  // namespace dbcord::database
