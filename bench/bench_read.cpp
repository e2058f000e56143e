// Reads through the whole stack in virtual time: requests and latency of each, right after a start (cold) and again (warm), alone
// and beside a bulk load.
#include <fmt/format.h>

#include "actor/event.hpp"
#include "actor/real_time.hpp"
#include "actor/task_group.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_read {
namespace {

using namespace std::chrono_literals;

actor::task<std::size_t> import_rows(bench::virtual_database& db, std::uint64_t first, std::size_t count) {
  std::vector<database::new_row> part;
  for (std::size_t i = 0; i < count; ++i) part.push_back({{}, bench::row_json(first + i, 200)});
  auto context = db.writing();
  auto report = co_await db.engine().import("bench", "t0", std::move(part), std::move(context));
  co_return report ? report->accepted : 0;
}

struct cost {
  double p50_ms = 0, p99_ms = 0, requests = 0, processor_us = 0;  // of one read
};

class reads {
 public:
  reads(bench::virtual_database& db, std::uint64_t rows) : db_(db), rows_(rows) {}

  cost get(int count) {
    return measure(count, [this](int i) { return found(db_.engine().get("bench", "t0", key(i), db_.reading())); });
  }
  cost find(int count, const char* where) {
    return measure(count, [this, where](int) {
      database::find_request request;
      request.where_json = where;
      return found(db_.engine().find("bench", "t0", std::move(request), db_.reading()));
    });
  }
  // One after another beside whatever else the process does.
  actor::task<std::vector<double>> get_on(int count, base::duration pause) {
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
      auto begun = db_.world().now();
      auto work = found(db_.engine().get("bench", "t0", key(i), db_.reading()));
      bool there = co_await std::move(work);
      if (!there) throw std::runtime_error("a row is missing");
      times.push_back(std::chrono::duration<double, std::milli>(db_.world().now() - begun).count());
      co_await actor::sleep_for(db_.env(), pause);
    }
    co_return times;
  }

 private:
  std::string key(int i) const { return fmt::format("r{}", static_cast<std::uint64_t>(i) * 7919 % rows_); }

  template <class T>
  static actor::task<bool> found(actor::task<base::result<T>> read) {
    auto answer = co_await std::move(read);
    co_return answer.has_value();
  }

  template <class Read>
  cost measure(int count, Read read) {
    std::vector<double> times;
    actor::real_clock clock;
    auto requests = db_.requests();
    auto real = clock.now();
    for (int i = 0; i < count; ++i) {
      auto begun = db_.world().now();
      if (!db_.run(read(i))) throw std::runtime_error("a read failed");
      times.push_back(std::chrono::duration<double, std::milli>(db_.world().now() - begun).count());
    }
    auto spent = std::chrono::duration<double, std::micro>(clock.now() - real).count();
    return {bench::percentile(times, 0.5), bench::percentile(times, 0.99),
            static_cast<double>(db_.requests() - requests) / count, spent / count};
  }

  bench::virtual_database& db_;
  std::uint64_t rows_;
};

// Of a table that fits into memory: nothing is asked of Discord, neither messages nor search.
void show(bench::report& report, const std::string& name, const cost& c) {
  report.below(name + ": requests", c.requests, "", 0.0001);
  report.add(name + ": P50", c.p50_ms, "ms");
  report.add(name + ": P99", c.p99_ms, "ms");
  report.add(name + ": processor time", c.processor_us, "us");
}

actor::task<void> load_on(bench::virtual_database& db, std::uint64_t first, base::steady_time end) {
  while (db.world().now() < end) {
    auto done = co_await import_rows(db, first, 1'000);
    if (done == 0) throw std::runtime_error("the load was refused");
    first += 1'000;
  }
}

void measure_all(bench::report& report, bool small) {
  std::uint64_t rows = small ? 500 : 20'000;
  int count = small ? 20 : 1'000;
  auto options = bench::virtual_database::default_options();
  options.memory_cap = std::size_t{4} * 1024 * 1024 * 1024;
  bench::virtual_database db(options);
  db.start();
  db.create(1, 1);
  for (std::uint64_t first = 0; first < rows; first += 500) {
    if (db.run(import_rows(db, first, 500)) != 500) throw std::runtime_error("import failed");
  }
  db.world().run_for(1min);
  db.start();                // kill -9, and open again
  db.world().run_for(1min);  // a start looks for deletions that it was not told of, behind what people ask for
  reads r(db, rows);
  for (std::string state : {"cold", "warm"}) {
    show(report, "get, " + state, r.get(count));
    show(report, "find by index, " + state, r.find(count / 10, R"({"f0": 77})"));
    show(report, "find by scan, " + state, r.find(count / 100 + 1, R"({"f1": "city 7"})"));
  }
  auto end = db.world().now() + (small ? 5s : 60s);
  actor::task_group group(db.env(), "load");
  for (std::uint64_t i = 0; i < 10; ++i) group.spawn(db.env().context.get_executor(), load_on(db, rows + i * 10'000'000, end));
  auto times = db.run(r.get_on(small ? 20 : 500, 100ms));
  report.add("get beside a bulk load: P50", bench::percentile(times, 0.5), "ms");
  report.below("get beside a bulk load: P99", bench::percentile(times, 0.99), "ms", 100.001);
  db.run(group.join(base::steady_time::max()));
  report.repeats("virtual time", db.hash());
}

// Finds through guild search that is a minute late and never knows of one message in a hundred, in a table that does not fit into memory.
class search_finds {
 public:
  explicit search_finds(std::uint64_t rows) : rows_(rows), db_(options(rows), late_and_lossy()) {}

  void measure(bench::report& report) {
    fill();
    auto missing = compare();  // search is not ready, then knows little
    db_.world().run_for(2min);
    missing += compare();
    for (std::uint64_t i = 0; i < 20; ++i) {
      auto changed = db_.run(db_.engine().update("bench", "t0", fmt::format("r{}", i), R"({"f1":"city 5"})", db_.writing()));
      if (!changed) throw std::runtime_error(changed.error().message);
    }
    missing += compare();
    db_.drain(1h);
    missing += compare();
    if (missing > 0) throw std::runtime_error("a find through search is not complete");
    report.below("find via:search at 60 s of lag, 1 % never indexed: rows missing", static_cast<double>(missing), "", 0.5);
    report.add("find via:search, seen before: requests", search_requests_ / cities, "");
    report.add("find via:memory, the same: requests", memory_requests_ / cities, "");
    report.repeats("virtual time, search", db_.hash());
  }

 private:
  static constexpr int cities = 77;

  static database::engine_options options(std::uint64_t rows) {
    auto o = bench::virtual_database::default_options();
    o.memory_cap = rows * 200;  // about half of the values stay
    o.page_from = 1'000'000;    // search knows nothing of rows in pages
    return o;
  }
  static guild::core_options late_and_lossy() {
    guild::core_options o;
    o.search_delay = 60s;
    o.search_misses_per_million = 10'000;
    return o;
  }
  void fill() {
    db_.start();
    db_.create(1, 0);
    for (std::uint64_t first = 0; first < rows_; first += 50) {
      if (db_.run(import_rows(db_, first, 50)) != 50) throw std::runtime_error("import failed");
    }
    db_.drain(24h);
  }
  std::uint64_t find(int city, const char* via, double& requests) {
    database::find_request request;
    request.where_json = fmt::format(R"({{"f1": "city {}"}})", city);
    request.via = via;
    request.count_only = true;
    auto before = db_.requests();
    auto found = db_.run(db_.engine().find("bench", "t0", std::move(request), db_.reading()));
    if (!found) throw std::runtime_error(found.error().message);
    requests += static_cast<double>(db_.requests() - before);
    return found->matched;
  }
  // How many rows search finds too few, or too many.
  std::uint64_t compare() {
    search_requests_ = memory_requests_ = 0;
    std::uint64_t missing = 0;
    for (int city = 0; city < cities; ++city) {
      auto right = find(city, "memory", memory_requests_), by_search = find(city, "search", search_requests_);
      missing += std::max(right, by_search) - std::min(right, by_search);
    }
    return missing;
  }

  std::uint64_t rows_;
  bench::virtual_database db_;
  double search_requests_ = 0, memory_requests_ = 0;  // of the last comparison
};

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_read", !args.smoke);
  measure_all(report, args.smoke);
  search_finds(args.smoke ? 150 : 3'000).measure(report);
  if (args.smoke) {
    measure_all(report, true);
    search_finds(150).measure(report);
  }
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_read", run);

}  // namespace
}  // namespace dbcord::bench_read
