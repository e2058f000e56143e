#pragma once
// report: the figures of one benchmark run: a table for people and a JSON file for programs.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dbcord::bench {

struct figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::string goal;      // "< 10 s"; empty: none
  bool reached = true;
};

class report {
 public:
  // With `judge` off (smoke runs) goals are not looked at: their figures mean nothing.
  report(std::string benchmark, bool judge) : benchmark_(std::move(benchmark)), judge_(judge) {}

  void add(std::string name, double value, std::string unit);
  void below(std::string name, double value, std::string unit, double limit);
  void above(std::string name, double value, std::string unit, double limit);

  // The hash of everything that happened in virtual time: printed, and a later one of the same name must be the same (smoke runs
  // measure twice, so that what is said to be exact stays so).
  void repeats(const std::string& what, std::uint64_t hash);

  // Prints the table and writes DIR/BENCHMARK.json. 0, or 1 when a goal was missed.
  int finish(const std::filesystem::path& directory) const;

 private:
  std::string benchmark_;
  bool judge_;
  std::map<std::string, std::uint64_t> hashes_;
  bool differs_ = false;
  std::vector<figure> figures_;
};

// `values` need not be sorted; `share` in [0, 1].
double percentile(std::vector<double> values, double share);

}  // namespace dbcord::bench
