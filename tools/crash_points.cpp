// crash_points: kills the bot behind each handler of one seed's run in turn, that is at every point at which a coroutine waits, and then behind each handler of the
// process that is started after such a crash. Every run is judged like those of seed_sweep, and nothing else crashes or restarts in it.
// Exit status 0: no promise broken; 1: otherwise, or no point was tried; 2: wrong usage.

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

#include "simulation/run.hpp"
#include "support/command_line.hpp"

namespace {

using namespace dbcord;

struct crash_options {
  std::string sweep;  // the program that replays a run, which lies beside this one
  std::uint64_t seed = 1;
  double seconds = 10;
  std::uint64_t every = 1;
  std::uint64_t first = 1;
  unsigned jobs = 1;
};

simulation::scenario scenario_of(const crash_options& o) {
  simulation::scenario_overrides fixed;
  fixed.length = std::chrono::milliseconds(static_cast<std::int64_t>(o.seconds * 1000));
  fixed.crashes = false;
  fixed.rivals = 0;
  return simulation::draw_scenario(o.seed, fixed);
}

// Crashes at first, first + every, …, until there is no handler any more at which one could be.
class point_series {
 public:
  point_series(const crash_options& o, std::uint64_t simulation::scenario::*point, simulation::scenario base) : options_(o), point_(point), base_(std::move(base)) {}

  void run() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    for (auto& t : threads) t.join();
  }
  std::uint64_t points() const { return points_; }
  std::uint64_t last_point() const { return last_; }
  std::uint64_t violations() const { return violations_; }

 private:
  void work() {
    while (!beyond_) {
      auto s = base_;
      s.*point_ = next_.fetch_add(options_.every);
      auto report = simulation::run_scenario(s);
      std::uint64_t planned = 1 + (point_ == &simulation::scenario::crash_start_at);
      std::lock_guard lock(output_);
      if (report.crashes < planned) {
        beyond_ = true;  // the work was over before
      } else {
        ++points_;
        last_ = std::max(last_, s.*point_);
      }
      tell(s, report);
    }
  }

  void tell(const simulation::scenario& s, const simulation::run_report& report) {
    violations_ += report.violations.size();
    if (report.violations.empty()) return;
    std::cout << fmt::format("FAILED; replay: {} --seed {} --seconds {} --crashes 0 --rivals 0 --crash-at {}{} --trace\n", options_.sweep, options_.seed, options_.seconds, s.crash_at,
                             s.crash_start_at > 0 ? fmt::format(" --crash-start-at {}", s.crash_start_at) : "");
    for (const auto& v : report.violations) std::cout << "  - " << v << std::endl;
  }

  const crash_options& options_;
  std::uint64_t simulation::scenario::*point_;
  simulation::scenario base_;
  std::atomic<std::uint64_t> next_{options_.first};
  std::atomic<bool> beyond_ = false;
  std::mutex output_;
  std::uint64_t points_ = 0, last_ = 0, violations_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  crash_options o;
  bench::command_line line("Kills the bot behind each handler of one seed's run in turn, and then behind each of the process that is started after such a crash.");
  line.option("--seed", o.seed, "of the run (default 1)");
  line.option("--seconds", o.seconds, "length of the workload in virtual seconds (default 10)");
  line.option("--every", o.every, "only one point in so many (default 1)", bench::command_line::between(1, 1'000'000));
  line.option("--first", o.first, "the first point (default 1)", bench::command_line::between(1, 1'000'000));
  line.option("--jobs", o.jobs, "threads (default 1)", bench::command_line::between(1, 64));
  line.parse(argc, argv);
  o.sweep = std::filesystem::path(argv[0]).replace_filename("seed_sweep").string();
  point_series work(o, &simulation::scenario::crash_at, scenario_of(o));
  work.run();
  auto again = scenario_of(o);
  again.crash_at = std::max<std::uint64_t>(work.last_point() / 4, 1);  // early: there is time for the start
  point_series start(o, &simulation::scenario::crash_start_at, again);
  start.run();
  auto violations = work.violations() + start.violations();
  std::cout << fmt::format("seed {}: {} points of the work and {} of the process behind a crash, {} violations\n", o.seed, work.points(), start.points(), violations);
  return violations == 0 && work.points() > 0 ? 0 : 1;
}
