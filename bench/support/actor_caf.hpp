#pragma once
// What CAF does in the same run, where it is installed: messages a second from `senders` actors to one. Built without it, has_caf is
// false and measure_caf throws.

#include <cstdint>

namespace dbcord::bench {

extern const bool has_caf;
double measure_caf(int senders, std::uint64_t messages, int threads);

}  // namespace dbcord::bench
