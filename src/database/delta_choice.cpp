#include "database/delta_choice.hpp"

#include <algorithm>

namespace dbcord::database {

std::vector<std::size_t> choose_deltas(const std::vector<protocol::delta_header>& found, const std::vector<std::uint64_t>& files) {
  struct rated {
    std::size_t position;
    std::uint64_t saves;
  };
  auto count = [&](const protocol::delta_header& h) {
    auto first = std::lower_bound(files.begin(), files.end(), h.first_lsn), last = std::upper_bound(files.begin(), files.end(), h.last_lsn);
    return std::min(static_cast<std::uint64_t>(last - first), h.records);
  };
  std::vector<rated> all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (auto saves = count(found[i]); saves >= 2) all.push_back({i, saves});
  }
  std::sort(all.begin(), all.end(), [](const rated& a, const rated& b) { return std::pair(a.saves, a.position) > std::pair(b.saves, b.position); });
  std::vector<std::size_t> chosen;
  for (const auto& r : all) {
    const auto& h = found[r.position];
    bool overlaps = std::any_of(chosen.begin(), chosen.end(), [&](std::size_t c) { return h.first_lsn <= found[c].last_lsn && found[c].first_lsn <= h.last_lsn; });
    if (!overlaps) chosen.push_back(r.position);
  }
  std::sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) { return found[a].first_lsn < found[b].first_lsn; });
  return chosen;
}

}  // namespace dbcord::database
