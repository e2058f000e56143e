#include "database/garbage_kind.hpp"

#include <numeric>

namespace dbcord::database {

std::string_view to_string(garbage_kind kind) {
  switch (kind) {
    case garbage_kind::superseded: return "superseded";
    case garbage_kind::duplicate: return "duplicate";
    case garbage_kind::orphan: return "orphan";
    case garbage_kind::stale_page: return "stale page";
  }
  return "garbage";
}

std::uint64_t garbage_counts::all() const { return std::accumulate(of.begin(), of.end(), std::uint64_t{0}); }

void garbage_counts::add(const garbage_counts& other) {
  for (std::size_t i = 0; i < garbage_kinds; ++i) of[i] += other.of[i];
}

}  // namespace dbcord::database
