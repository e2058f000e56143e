// seed_sweep: runs the deterministic simulation for many seeds and names those that broke a promise, with the command that
// replays them. Exit status 0: none; 1: some; 2: wrong usage.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>

#include "simulation/run.hpp"

namespace {

using namespace dbcord;

struct sweep_options {
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::optional<std::uint64_t> only;
  std::optional<double> seconds;
  std::optional<int> faults;
  std::optional<bool> crashes;
  std::optional<bool> limits;
  unsigned jobs = 1;
  std::optional<bool> rivals;
  bool trace = false;
  bool verbose = false;
};

struct totals {
  std::uint64_t runs = 0, failed = 0, operations = 0, acknowledged = 0, unknown = 0, crashes = 0, requests = 0,
                faults = 0, inconclusive = 0;

  void add(const simulation::run_report& r) {
    ++runs;
    failed += !r.violations.empty();
    operations += r.operations;
    acknowledged += r.acknowledged;
    unknown += r.unknown;
    crashes += r.crashes;
    requests += r.requests;
    faults += r.faults;
    inconclusive += r.inconclusive_keys;
  }
};

simulation::scenario scenario_of(std::uint64_t seed, const sweep_options& o) {
  simulation::scenario_overrides fixed;
  if (o.seconds) fixed.length = std::chrono::milliseconds(static_cast<std::int64_t>(*o.seconds * 1000));
  fixed.fault_weight = o.faults;
  fixed.crashes = o.crashes;
  fixed.rate_limits = o.limits;
  fixed.rivals = o.rivals;
  return simulation::draw_scenario(seed, fixed);
}

std::string replay_command(std::uint64_t seed, const sweep_options& o) {
  auto text = fmt::format("seed_sweep --seed {} --trace", seed);
  if (o.seconds) text += fmt::format(" --seconds {}", *o.seconds);
  if (o.faults) text += fmt::format(" --faults {}", *o.faults);
  if (o.crashes) text += *o.crashes ? " --crashes 1" : " --crashes 0";
  if (o.limits) text += *o.limits ? " --limits 1" : " --limits 0";
  if (o.rivals) text += *o.rivals ? " --rivals 1" : " --rivals 0";
  return text;
}

std::string summary(std::uint64_t seed, const simulation::run_report& r) {
  return fmt::format(
      "seed {}: {} operations ({} done, {} refused, {} unknown), {} crashes, {} starts, {} requests, {} faults, "
      "{} gateway drops, {} 429, {:.0f} s virtual, trace {:016x} of {} lines",
      seed, r.operations, r.acknowledged, r.refused, r.unknown, r.crashes, r.starts, r.requests, r.faults,
      r.gateway_drops, r.limited, std::chrono::duration<double>(r.virtual_time).count(), r.trace_hash, r.trace_lines);
}

void tell_failure(std::uint64_t seed, const simulation::run_report& r, const sweep_options& o) {
  std::cout << fmt::format("FAILED seed {}: {} violations; replay: {}\n", seed, r.violations.size(),
                           replay_command(seed, o));
  for (const auto& v : r.violations) std::cout << "  - " << v << "\n";
}

int replay(const sweep_options& o) {
  simulation::trace::sink show;
  if (o.trace) show = [](std::string_view line) { std::cout << line << "\n"; };
  auto report = simulation::run_scenario(scenario_of(*o.only, o), show);
  std::cout << summary(*o.only, report) << "\n";
  if (report.violations.empty()) return 0;
  tell_failure(*o.only, report, o);
  return 1;
}

int sweep(const sweep_options& o) {
  std::atomic<std::uint64_t> next{o.first};
  std::mutex output;
  totals all;
  auto work = [&] {
    for (;;) {
      auto seed = next.fetch_add(1);
      if (seed >= o.first + o.seeds) return;
      auto report = simulation::run_scenario(scenario_of(seed, o));
      std::lock_guard lock(output);
      all.add(report);
      if (o.verbose) std::cout << summary(seed, report) << std::endl;
      if (!report.violations.empty()) tell_failure(seed, report, o);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(o.jobs, 1u); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  std::cout << fmt::format(
      "{} seeds from {}: {} failed; {} operations, {} done, {} unknown, {} crashes, {} requests, {} faults, {} keys "
      "without a verdict\n",
      all.runs, o.first, all.failed, all.operations, all.acknowledged, all.unknown, all.crashes, all.requests,
      all.faults, all.inconclusive);
  return all.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  sweep_options o;
  CLI::App app("Runs dbcord's deterministic simulation for many seeds and names those that broke a promise.");
  app.add_option("--seeds", o.seeds, "how many seeds (default 100)");
  app.add_option("--first", o.first, "the first of them (default 1)");
  app.add_option("--seed", o.only, "this one only");
  app.add_flag("--trace", o.trace, "with --seed: show what happens, line by line");
  app.add_option("--seconds", o.seconds, "length of the workload in virtual seconds (default 40)");
  app.add_option("--faults", o.faults, "0 none to 3 hostile, instead of drawn")->check(CLI::Range(0, 3));
  app.add_option("--crashes", o.crashes, "0 or 1, instead of drawn");
  app.add_option("--limits", o.limits, "rate limits: 0 or 1, instead of drawn");
  app.add_option("--rivals", o.rivals, "a second process on the same guild, where a lease is waited for: 0 or 1, instead of drawn");
  app.add_option("--jobs", o.jobs, "threads (default 1)")->check(CLI::Range(1, 64));
  app.add_flag("--verbose", o.verbose, "one line for every seed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  return o.only ? replay(o) : sweep(o);
}
