// How fast the simulator is: virtual seconds in a real second on one thread, for the seeds that tools/test runs first and for long runs.
#include <fmt/format.h>

#include "actor/real_time.hpp"
#include "simulation/run.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/processor_time.hpp"
#include "support/report.hpp"

namespace dbcord::bench_simulation {
namespace {

struct outcome {
  double simulated = 0, real = 0, processor = 0;
  std::uint64_t hash = 0;
};

outcome run(std::uint64_t seeds, const simulation::scenario_overrides& fixed) {
  outcome o;
  actor::real_clock clock;
  auto begun = clock.now();
  auto used = bench::processor_seconds();
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    auto report = simulation::run_scenario(simulation::draw_scenario(seed, fixed));
    if (!report.violations.empty()) throw std::runtime_error(fmt::format("seed {}: {}", seed, report.violations.front()));
    o.simulated += std::chrono::duration<double>(report.virtual_time).count();
    o.hash = o.hash * 31 + report.trace_hash;
  }
  o.processor = bench::processor_seconds() - used;
  o.real = std::chrono::duration<double>(clock.now() - begun).count();
  return o;
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_simulation", !args.smoke);
  auto measure = [&](const std::string& name, std::uint64_t seeds, const simulation::scenario_overrides& fixed) {
    auto o = run(seeds, fixed);
    report.above(name + ": simulated seconds in a real second", o.simulated / o.real, "", 500);
    report.add(name + ": in a second of the processor", o.simulated / o.processor, "");
    report.repeats(name, o.hash);
    if (args.smoke) report.repeats(name, run(seeds, fixed).hash);
  };
  measure("seeds as tools/test runs them", args.smoke ? 1 : 100, {});
  simulation::scenario_overrides long_runs;
  long_runs.length = args.smoke ? std::chrono::minutes(1) : std::chrono::minutes(10);
  measure("seeds of ten minutes", args.smoke ? 1 : 20, long_runs);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_simulation", run);

}  // namespace
}  // namespace dbcord::bench_simulation
