#pragma once
// cache_figures: how well the values in memory serve who reads them; of a table, or of a database. Plain values. Counted from the process's start.

#include <cstdint>

namespace dbcord::database {

struct cache_figures {
  std::uint64_t bytes = 0;      // of values that could be evicted
  std::uint64_t hits = 0;       // values that a read found in memory: rows by key, rows that a find shows or a scan passes
  std::uint64_t misses = 0;     // values that had to be read from messages
  std::uint64_t evictions = 0;  // values

  cache_figures& operator+=(const cache_figures& other) {
    bytes += other.bytes;
    hits += other.hits;
    misses += other.misses;
    evictions += other.evictions;
    return *this;
  }
};

}  // namespace dbcord::database
