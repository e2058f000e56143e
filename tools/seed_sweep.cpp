// seed_sweep: runs the deterministic simulation for many seeds and names those that broke a promise, with the command that
// replays them. With --bugs it does so for every deliberate bug of the engine and says which checker caught it at which seed.
// Exit status 0: no promise broken (--bugs: every bug caught); 1: otherwise, or interrupted; 2: wrong usage.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>

#include "actor/real_time.hpp"
#include "simulation/bug_hunt.hpp"
#include "support/command_line.hpp"

namespace {

using namespace dbcord;

struct sweep_options {
  std::string program;  // as it was called, for a shell
  std::uint64_t seeds = 100;
  std::uint64_t first = 1;
  std::optional<std::uint64_t> only;
  std::optional<double> seconds;
  std::optional<int> faults;
  std::optional<bool> crashes;
  std::uint64_t crash_at = 0, crash_start_at = 0;
  std::optional<bool> limits;
  unsigned jobs = 1;
  std::optional<int> rivals;
  bool trace = false;
  bool verbose = false;
  double run_for = 0;  // real seconds; 0: as many seeds as were asked for
  std::string bug = "none";
  bool bugs = false;
  bool hunting = false;
  int may_miss = 0;
};

struct totals {
  std::uint64_t runs = 0, failed = 0, operations = 0, acknowledged = 0, unknown = 0, crashes = 0, requests = 0,
                faults = 0, inconclusive = 0, steps = 0, violations = 0, alterations = 0,
                threads = 0, deltas = 0, with_deltas = 0, two_had_it = 0, three_had_it = 0;
  double virtual_seconds = 0;
  std::uint64_t limits_cut = 0, with_limits_cut = 0, with_long_pauses = 0, limited_by_fault = 0;
  simulation::pause_figures pauses;
  std::map<std::string, std::uint64_t> guild_faults;
  simulation::find_figures finds;
  simulation::precondition_figures preconditions;
  simulation::past_figures past;
  simulation::import_figures imports;
  std::uint64_t cap_looks = 0;
  simulation::chore_figures chores;
  database::cache_figures cache;
  std::uint64_t with_evictions = 0;
  simulation::loss_report losses;
  std::vector<std::uint64_t> done_in_spite;  // operations of each run in which something failed

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
    steps += r.steps;
    violations += r.violations.size();
    alterations += r.alterations;
    threads += r.threads;
    deltas += r.deltas;
    with_deltas += r.deltas > 0;
    two_had_it += r.holders == 2;
    three_had_it += r.holders == 3;
    limits_cut += r.limits_cut;
    with_limits_cut += r.limits_cut > 0;
    pauses += r.pauses;
    with_long_pauses += r.pauses.long_ones > 0;
    limited_by_fault += r.limited_by_fault;
    for (const auto& [name, times] : r.guild_faults) guild_faults[name] += times;
    finds += r.finds;
    preconditions += r.preconditions;
    past += r.past;
    imports += r.imports;
    cap_looks += r.cap_looks;
    chores += r.chores;
    cache += r.cache;
    with_evictions += r.cache.evictions > 0;
    for (const auto& [kind, figures] : r.losses) losses[kind] += figures;
    if (r.faults + r.crashes > 0) done_in_spite.push_back(r.acknowledged);
    virtual_seconds += std::chrono::duration<double>(r.virtual_time).count();
  }
};

simulation::scenario scenario_of(std::uint64_t seed, const sweep_options& o) {
  if (o.hunting) return simulation::hunting_scenario(seed, *base::find_bug(o.bug));
  simulation::scenario_overrides fixed;
  if (o.seconds) fixed.length = std::chrono::milliseconds(static_cast<std::int64_t>(*o.seconds * 1000));
  fixed.fault_weight = o.faults;
  fixed.crashes = o.crashes;
  fixed.rate_limits = o.limits;
  fixed.rivals = o.rivals;
  auto s = simulation::draw_scenario(seed, fixed);
  s.crash_at = o.crash_at;
  s.crash_start_at = o.crash_start_at;
  s.bug = *base::find_bug(o.bug);
  return s;
}

// As a shell reads it.
std::string quoted(std::string_view word) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return std::string(word);
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// To be pasted, from the directory in which the sweep was started.
std::string replay_command(std::uint64_t seed, const sweep_options& o) {
  auto text = fmt::format("{} --seed {} --trace", o.program, seed);
  if (o.seconds) text += fmt::format(" --seconds {}", *o.seconds);
  if (o.faults) text += fmt::format(" --faults {}", *o.faults);
  if (o.crashes) text += *o.crashes ? " --crashes 1" : " --crashes 0";
  if (o.crash_at > 0) text += fmt::format(" --crash-at {}", o.crash_at);
  if (o.crash_start_at > 0) text += fmt::format(" --crash-start-at {}", o.crash_start_at);
  if (o.limits) text += *o.limits ? " --limits 1" : " --limits 0";
  if (o.rivals) text += fmt::format(" --rivals {}", *o.rivals);
  if (o.hunting) text += " --hunting";
  if (o.bug != "none") text += " --bug " + o.bug;
  return text;
}

// What each thread runs, as a command that repeats it: written out beforehand, since a signal handler can put nothing together.
struct running_seed {
  char text[5000] = "";  // the program's path, and what is behind it
  std::size_t size = 0;
};
constexpr std::size_t most_threads = 64;
std::array<running_seed, most_threads> running;
thread_local running_seed* mine = nullptr;
std::atomic<std::size_t> threads_begun = 0;

void now_running(std::uint64_t seed, const sweep_options& o) {
  if (!mine) mine = &running.at(threads_begun++);
  auto text = fmt::format("it ended in seed {}; replay: {}\n", seed, replay_command(seed, o));
  mine->size = std::min(text.size(), sizeof mine->text);
  std::copy_n(text.begin(), mine->size, mine->text);
}

// A condition of the code itself does not hold, or somebody from outside has had enough: then it ends here and now, but not without naming the seed. A signal from
// outside comes to any thread: then it names all.
void name_seed_on_abort() {
  std::signal(SIGABRT, [](int) {
    for (const auto& r : running) {
      if (mine && &r != mine) continue;
      if (r.size > 0 && write(STDERR_FILENO, r.text, r.size) < 0) std::_Exit(1);
    }
    std::signal(SIGABRT, SIG_DFL);  // one from outside would not end it
    std::raise(SIGABRT);
  });
}

std::string summary(std::uint64_t seed, const simulation::run_report& r) {
  return fmt::format(
      "seed {}: {} operations ({} done, {} refused, {} unknown), {} crashes, {} starts, {} requests, {} faults, "
      "{} gateway drops, {} 429, {:.0f} s virtual, {} steps, trace {:016x} of {} lines",
      seed, r.operations, r.acknowledged, r.refused, r.unknown, r.crashes, r.starts, r.requests, r.faults,
      r.gateway_drops, r.limited, std::chrono::duration<double>(r.virtual_time).count(), r.steps, r.trace_hash, r.trace_lines);
}

// How often people deleted by hand what the database lives on, and what came of it.
std::string summary(const simulation::loss_report& losses) {
  std::string text;
  for (const auto& [kind, f] : losses) {
    text += fmt::format("{}{} {} ({} read-only, {} harmless, {} impossible)", text.empty() ? "deleted by hand: " : ", ", simulation::name(kind), f.drawn, f.read_only,
                        f.harmless, f.impossible);
  }
  return text;
}

std::string summary(const simulation::find_figures& f) {
  return fmt::format("finds answered: {} ({} with a condition, {} sorted, {} cut off, {} counts, {} by an index, {} by guild search, {} exports), {} of pairs", f.answered,
                     f.with_condition, f.sorted, f.cut, f.counts, f.by_index, f.by_search, f.exports, f.of_pairs);
}

std::string summary(const simulation::precondition_figures& f) {
  return fmt::format("preconditions given: {}, {} met, {} refused for another version and {} for no row", f.given, f.met, f.refused, f.absent);
}

std::string summary(const simulation::past_figures& f) {
  return fmt::format("reads of the past answered: {} ({} of them not by the newest version), refused: {} ({} for too long ago); {} histories shown", f.answered, f.of_older,
                     f.refused, f.too_long_ago, f.histories);
}

std::string summary(const simulation::import_figures& f) {
  return fmt::format("imports that say how many rows are in: {}, of which {} failed in the middle, and {} do not know of the others", f.answered, f.in_part, f.in_doubt);
}

std::string summary(const simulation::chore_figures& f) {
  return fmt::format("while people worked: {} tables verified ({} with problems that deletions by hand or refusals excuse), indexes of {} checked, {} snapshots, {} restored, {} compared, {} dropped, {} rows imported",
                     f.verified + f.excused, f.excused, f.reindexed, f.snapshots, f.restored, f.compared, f.dropped, f.imported);
}

// Runs in which nothing can be done show nothing.
std::string summary_of_done(std::vector<std::uint64_t> done) {
  if (done.empty()) return "nothing failed in any run";
  std::sort(done.begin(), done.end());
  constexpr std::uint64_t few = 50;
  auto with_few = std::lower_bound(done.begin(), done.end(), few) - done.begin();
  return fmt::format("{} runs in which something failed: {} operations done in the median one, fewer than {} in {}", done.size(), done[done.size() / 2], few, with_few);
}

std::string summary_of_mishaps(const totals& all) {
  auto text = fmt::format("limits cut to a tenth {} times in {} runs; {} pauses, {} of a minute or more in {} runs; the guild's own faults:", all.limits_cut,
                          all.with_limits_cut, all.pauses.all, all.pauses.long_ones, all.with_long_pauses);
  for (const auto& [name, times] : all.guild_faults) text += fmt::format(" {} {}", name, times);
  return text + fmt::format(", which refused {} requests", all.limited_by_fault);
}

void tell_failure(std::uint64_t seed, const simulation::run_report& r, const sweep_options& o) {
  std::cout << fmt::format("FAILED seed {}: {} violations; replay: {}\n", seed, r.violations.size(),
                           replay_command(seed, o));
  constexpr std::size_t shown = 20;  // one broken promise is often noticed hundreds of times
  for (std::size_t i = 0; i < std::min(shown, r.violations.size()); ++i) std::cout << "  - " << r.violations[i] << "\n";
  if (r.violations.size() > shown) std::cout << fmt::format("  … and {} more\n", r.violations.size() - shown);
  std::cout << std::flush;  // a sweep takes long, and its output often goes to a file
}

int replay(const sweep_options& o) {
  simulation::trace::sink show;
  if (o.trace) show = [](std::string_view line) { std::cout << line << "\n"; };
  name_seed_on_abort();
  now_running(*o.only, o);
  auto report = simulation::run_scenario(scenario_of(*o.only, o), show);
  std::cout << summary(*o.only, report) << "\n";
  if (report.violations.empty()) return 0;
  tell_failure(*o.only, report, o);
  return 1;
}

double seconds_since(base::steady_time begun) { return std::chrono::duration<double>(actor::real_clock().now() - begun).count(); }

template <class Work>
void on_threads(unsigned count, Work work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(count, 1u); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
}

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// The seeds that run are finished (seconds each), then the summary is printed.
void end_early_on_signals() {
  for (int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = true; });
}

int sweep(const sweep_options& o) {
  name_seed_on_abort();
  end_early_on_signals();
  std::atomic<std::uint64_t> next{o.first};
  std::mutex output;
  totals all;
  auto begun = actor::real_clock().now();
  auto work = [&] {
    while (!interrupted) {
      auto seed = next.fetch_add(1);
      bool enough = o.run_for > 0 ? seconds_since(begun) >= o.run_for : seed >= o.first + o.seeds;
      if (enough) return;
      now_running(seed, o);
      auto report = simulation::run_scenario(scenario_of(seed, o));
      std::lock_guard lock(output);
      all.add(report);
      if (o.verbose) std::cout << summary(seed, report) << std::endl;
      if (!report.violations.empty()) tell_failure(seed, report, o);
    }
  };
  on_threads(o.jobs, work);
  std::cout << fmt::format(
      "{} seeds from {}, {} steps, {} violations; {} failed; {} operations, {} done, {} unknown, {} crashes, {} requests, {} faults, "
      "{} alterations of columns, {} threads of rows shown, {} deltas of checkpoints in {} runs, {} and {} runs in which two and three processes had the database in turn, "
      "{} keys without a verdict; {:.0f} simulated seconds, {:.0f} in a real second\n",
      all.runs, o.first, all.steps, all.violations, all.failed, all.operations, all.acknowledged, all.unknown, all.crashes, all.requests,
      all.faults, all.alterations, all.threads, all.deltas, all.with_deltas, all.two_had_it, all.three_had_it, all.inconclusive, all.virtual_seconds, all.virtual_seconds / seconds_since(begun));
  std::cout << summary_of_done(all.done_in_spite) << "\n" << summary(all.finds)
            << fmt::format("; {} values evicted in {} runs, {} read again, by the processes at the end\n", all.cache.evictions, all.with_evictions, all.cache.misses) << summary(all.preconditions) << "; " << summary(all.past) << "\n" << summary_of_mishaps(all) << "\n" << summary(all.chores) << "\n"
            << summary(all.imports) << fmt::format("; memory and queues compared with their caps {} times\n", all.cap_looks);
  if (!all.losses.empty()) std::cout << summary(all.losses) << "\n";
  if (interrupted) std::cout << "interrupted: not all seeds were run\n";
  return all.failed == 0 && !interrupted ? 0 : 1;
}

// The table of simulation/README.md.
int hunt_bugs(const sweep_options& o) {
  std::vector<base::deliberate_bug> bugs;
  for (auto b = 1; b < static_cast<int>(base::deliberate_bug::count); ++b) bugs.push_back(static_cast<base::deliberate_bug>(b));
  if (o.bug != "none") bugs = {*base::find_bug(o.bug)};
  std::vector<simulation::hunted_bug> hunted(bugs.size());
  std::atomic<std::size_t> next{0};
  on_threads(o.jobs, [&] {
    for (auto i = next++; i < bugs.size(); i = next++) {
      hunted[i] = simulation::hunt(bugs[i], o.first, o.seeds);
      if (o.verbose) std::cerr << fmt::format("{}: {} runs; {}\n", base::name(bugs[i]), hunted[i].runs, hunted[i].violation);
    }
  });
  int missed = 0;
  std::cout << "| deliberate bug | what it does | first caught by seed | runs needed | checker |\n|---|---|---|---|---|\n";
  for (const auto& h : hunted) {
    missed += !h.seed;
    std::cout << fmt::format("| {} | {} | {} | {} | {} |\n", base::name(h.bug), base::describe(h.bug),
                             h.seed ? std::to_string(*h.seed) : "not caught", h.runs, h.checker());
  }
  std::cout << fmt::format("\n{} of {} deliberate bugs caught within {} seeds from {}\n", hunted.size() - missed, hunted.size(), o.seeds, o.first);
  for (const auto& h : hunted) {
    if (!h.seed) continue;
    sweep_options again;
    again.program = o.program;
    again.hunting = true;
    again.bug = base::name(h.bug);
    std::cout << fmt::format("{}: replay: {}\n", again.bug, replay_command(*h.seed, again));
  }
  return missed <= o.may_miss ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  sweep_options o;
  bench::command_line line("Runs dbcord's deterministic simulation for many seeds and names those that broke a promise.");
  line.option("--seeds", o.seeds, "how many seeds (default 100)");
  line.option("--first", o.first, "the first of them (default 1)");
  line.option("--seed", o.only, "this one only");
  line.flag("--trace", o.trace, "with --seed: show what happens, line by line");
  line.option("--seconds", o.seconds, "length of the workload in virtual seconds (default 40)");
  line.option("--faults", o.faults, "0 none to 3 hostile, instead of drawn", bench::command_line::between(0, 3));
  line.option("--crashes", o.crashes, "0 or 1, instead of drawn");
  line.option("--crash-at", o.crash_at, "the bot crashes behind so many handlers since the work began, as tools/crash_points has it");
  line.option("--crash-start-at", o.crash_start_at, "and the process that is started behind that, behind so many handlers since its start");
  line.option("--limits", o.limits, "rate limits: 0 or 1, instead of drawn");
  line.option("--rivals", o.rivals, "further processes on the same guild, where a lease is waited for: 0, 1 or 2, instead of drawn", bench::command_line::between(0, 2));
  line.option("--jobs", o.jobs, "threads (default 1)", bench::command_line::between(1, 64));
  line.flag("--verbose", o.verbose, "one line for every seed");
  line.option("--for", o.run_for, "instead of --seeds: begin new seeds for so many real seconds");
  auto known_bug = [](const std::string& name) { return base::find_bug(name) ? std::string() : "there is no deliberate bug " + name; };
  line.option("--bug", o.bug, "a deliberate bug of the engine, by its name in base/deliberate_bug.hpp", known_bug);
  line.option("--may-miss", o.may_miss, "with --bugs: how many may go unnoticed (default 0)");
  line.flag("--hunting", o.hunting, "the runs in which bugs are looked for, instead of those that are drawn; repeats what --bugs found");
  line.flag("--bugs", o.bugs, "look for every deliberate bug (or that of --bug) and print which seed and checker caught it, and the commands that repeat it");
  line.parse(argc, argv);
  o.program = quoted(argv[0]);
  if (o.bugs) return hunt_bugs(o);
  return o.only ? replay(o) : sweep(o);
}
