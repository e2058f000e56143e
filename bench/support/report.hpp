#pragma once
// report: the figures of one benchmark run: a table for people and a JSON file for programs.

#include <filesystem>
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

  // Prints the table and writes DIR/BENCHMARK.json. 0, or 1 when a goal was missed.
  int finish(const std::filesystem::path& directory) const;

 private:
  std::string benchmark_;
  bool judge_;
  std::vector<figure> figures_;
};

// `values` need not be sorted; `share` in [0, 1].
double percentile(std::vector<double> values, double share);

}  // namespace dbcord::bench
