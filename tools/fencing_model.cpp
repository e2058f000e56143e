// fencing_model: explores the protocol of one writer (design.md section 6) by itself, in random runs, and shows that each rule is needed:
// with a weakness, how many runs it takes until a promise is broken. Exit status 1: the rules as they are were broken, or a weakness
// went unnoticed of which it is not known why (why_unbroken).
//
// Usage: fencing_model [--runs 50000] [--first 1] [--weaknesses N [--only NAME]]    N runs at most for each weakness; 0: leave them out

#include <fmt/format.h>

#include <iostream>

#include "simulation/fencing_model.hpp"
#include "support/command_line.hpp"

using namespace dbcord::simulation;

namespace {

int explore(std::uint64_t first, std::uint64_t runs) {
  std::uint64_t acknowledged = 0, failed = 0, reads = 0, openings = 0, dropped = 0, from_checkpoints = 0, broken = 0;
  for (auto seed = first; seed < first + runs; ++seed) {
    auto r = explore_fencing(seed);
    acknowledged += r.acknowledged;
    failed += r.failed;
    reads += r.reads;
    openings += r.openings;
    dropped += r.dropped;
    from_checkpoints += r.from_checkpoints;
    if (r.violations.empty()) continue;
    ++broken;
    for (const auto& v : r.violations) std::cout << fmt::format("FAILED seed {}: {}\n", seed, v);
  }
  std::cout << fmt::format("{} runs from {}: {} openings, {} groups acknowledged, {} failed for certain, {} reads, {} segments dropped, {} runs end on a checkpoint; {} runs broke a promise\n",
                           runs, first, openings, acknowledged, failed, reads, dropped, from_checkpoints, broken);
  return broken == 0 ? 0 : 1;
}

// How many went unnoticed that must not.
int show_weaknesses(std::uint64_t runs, std::string_view only) {
  int unnoticed = 0;
  for (int i = 1; i < static_cast<int>(fencing_weakness::count); ++i) {
    auto w = static_cast<fencing_weakness>(i);
    if (!only.empty() && only != name(w)) continue;
    std::uint64_t seed = 1;
    while (seed <= runs && explore_fencing(seed, w).violations.empty()) ++seed;
    bool broken = seed <= runs;
    auto why = why_unbroken(w);
    unnoticed += !broken && why.empty();
    auto verdict = broken ? fmt::format("broken in run {}", seed) : fmt::format("not broken in {} runs{}{}", runs, why.empty() ? "" : ": ", why);
    std::cout << fmt::format("rule {}  {:32}  {}", rule_of(w), name(w), verdict) << std::endl;
  }
  if (unnoticed > 0) std::cout << unnoticed << " weaknesses went unnoticed" << std::endl;
  return unnoticed;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t runs = 50'000, first = 1, weaknesses = 0;
  std::string only;
  dbcord::bench::command_line line("Explores the protocol of one writer in random runs.");
  line.option("--runs", runs, "how many (default 50000)");
  line.option("--first", first, "the first seed (default 1)");
  line.option("--weaknesses", weaknesses, "also leave out one rule after another, in so many runs at most (200000 show all but those with an excuse)");
  line.option("--only", only, "of the weaknesses, this one");
  line.parse(argc, argv);
  int status = explore(first, runs);
  bool unnoticed = weaknesses > 0 && show_weaknesses(weaknesses, only) > 0;
  return unnoticed ? 1 : status;
}
