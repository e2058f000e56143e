#pragma once
// fencing_model: the protocol of one writer (design.md section 6) by itself. Three processes that crash, sleep and restart write through
// fencing_discord; at the end, when every late request has arrived, the rules of the chain say what counts. Checked: what was
// acknowledged counts; what was said to have failed does not; a read shows everything that was acknowledged before it began, and nothing
// that does not count; nothing is deleted that no drop that counts names; checkpoints and what is left of the log give all that counts. One thread a run; equal seeds give equal runs.

#include <string>

#include "simulation/fencing_writer.hpp"

namespace dbcord::simulation {

struct fencing_report {
  std::vector<std::string> violations;
  int groups = 0, acknowledged = 0, failed = 0, reads = 0, openings = 0;
  int dropped = 0;           // segments of the log that were deleted
  int from_checkpoints = 0;  // 1: who opens in the end begins with a checkpoint
};

fencing_report explore_fencing(std::uint64_t seed, fencing_weakness weakness = fencing_weakness::none);

}  // namespace dbcord::simulation
