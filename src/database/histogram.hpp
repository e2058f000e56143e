#pragma once
// histogram: how often values were how large. Any thread.

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

namespace dbcord::database {

struct histogram_figures {
  std::vector<double> bounds;         // ascending, each inclusive
  std::vector<std::uint64_t> counts;  // for each bound, of the values above the bound before; and one more for what is above the last
  double sum = 0;
};

class histogram {
 public:
  explicit histogram(std::vector<double> bounds) {
    figures_.counts.resize(bounds.size() + 1);
    figures_.bounds = std::move(bounds);
  }

  void add(double value) {
    std::lock_guard lock(mutex_);
    auto bound = std::lower_bound(figures_.bounds.begin(), figures_.bounds.end(), value);
    ++figures_.counts[static_cast<std::size_t>(bound - figures_.bounds.begin())];
    figures_.sum += value;
  }
  histogram_figures figures() const {
    std::lock_guard lock(mutex_);
    return figures_;
  }

 private:
  mutable std::mutex mutex_;
  histogram_figures figures_;
};

}  // namespace dbcord::database
