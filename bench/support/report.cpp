#include "support/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace dbcord::bench {

void report::add(std::string name, double value, std::string unit) {
  figures_.push_back({std::move(name), value, std::move(unit), "", true});
}

void report::below(std::string name, double value, std::string unit, double limit) {
  if (!judge_) return add(std::move(name), value, std::move(unit));
  auto goal = fmt::format("< {:g} {}", limit, unit);
  figures_.push_back({std::move(name), value, std::move(unit), std::move(goal), value < limit});
}

void report::above(std::string name, double value, std::string unit, double limit) {
  if (!judge_) return add(std::move(name), value, std::move(unit));
  auto goal = fmt::format("> {:g} {}", limit, unit);
  figures_.push_back({std::move(name), value, std::move(unit), std::move(goal), value > limit});
}

void report::repeats(const std::string& what, std::uint64_t hash) {
  auto [known, first] = hashes_.emplace(what, hash);
  if (first) {
    fmt::print("{}: hash {:016x}\n", what, hash);
  } else if (known->second != hash) {
    fmt::print("{}: NOT REPEATED: hash {:016x}\n", what, hash);
    differs_ = true;
  }
}

int report::finish(const std::filesystem::path& directory) const {
  std::string json = fmt::format("{{\"benchmark\": \"{}\", \"figures\": [", benchmark_);
  bool all = !differs_;
  fmt::print("{:<52} {:>12} {:<8} {:<16}\n", benchmark_, "value", "unit", "goal");
  for (const auto& f : figures_) {
    auto verdict = f.goal.empty() ? "" : f.reached ? f.goal + "  ok" : f.goal + "  MISSED";
    fmt::print("  {:<50} {:>12.2f} {:<8} {}\n", f.name, f.value, f.unit, verdict);
    json += fmt::format("{}\n  {{\"name\": \"{}\", \"value\": {:.4f}, \"unit\": \"{}\", \"goal\": \"{}\", \"reached\": {}}}",
                        &f == figures_.data() ? "" : ",", f.name, f.value, f.unit, f.goal, f.reached);
    all = all && f.reached;
  }
  std::filesystem::create_directories(directory);
  std::ofstream(directory / (benchmark_ + ".json")) << json << "\n]}\n";
  return all ? 0 : 1;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5));
}

}  // namespace dbcord::bench
