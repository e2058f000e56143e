// What indexes cost in virtual time when not all values fit into memory: how often a backfill reads a value, and a find by a unique key.
#include <fmt/format.h>

#include <algorithm>

#include "database/database_administration.hpp"
#include "support/arguments.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

using namespace dbcord;

namespace {

using namespace std::chrono_literals;

class indexed_table {
 public:
  explicit indexed_table(std::uint64_t rows) : rows_(rows), db_(options(rows)) {}

  void measure(bench::report& report) {
    fill();
    auto evicted = std::max<std::uint64_t>(1, rows_ - cached_rows());
    auto misses = cache().misses;
    auto requests = db_.requests();
    auto made = db_.run(db_.engine().create_index("bench", "t0", "u", true, db_.writing(2h)));
    if (!made) throw std::runtime_error(made.error().message);
    auto read = cache().misses - misses;
    if (read == 0) throw std::runtime_error("every value was in memory: nothing was measured");
    auto name = fmt::format("index backfill, {} rows", rows_);
    report.add(name + ": values read", static_cast<double>(read), "");
    report.add(name + ": requests", static_cast<double>(db_.requests() - requests), "");
    // How many were not in memory is reckoned from bytes: read twice would be near 2.
    report.below(name + ": values read, for each that was not in memory", static_cast<double>(read) / static_cast<double>(evicted), "", 1.1);
    find_all(report);
    report.repeats("virtual time", db_.hash());
  }

 private:
  static constexpr std::size_t row_bytes = 1'000;

  static database::engine_options options(std::uint64_t rows) {
    auto o = bench::virtual_database::default_options();
    o.memory_cap = rows * 800;  // which leaves room for an index, and for some of the values
    o.page_from = 1'000'000;    // each row in a message of its own
    return o;
  }
  static std::string json(std::uint64_t i) {
    return fmt::format(R"({{"id":"r{}","u":"user {}","text":"{}"}})", i, i, std::string(row_bytes, 'x'));
  }
  void fill() {
    db_.start();
    db_.create(1, 0);
    for (std::uint64_t first = 0; first < rows_; first += 50) {
      std::vector<database::new_row> part;
      for (auto i = first; i < first + 50; ++i) part.push_back({{}, json(i)});
      auto report = db_.run(db_.engine().import("bench", "t0", std::move(part), db_.writing(1h)));
      if (!report || report->accepted != 50) throw std::runtime_error("import failed");
    }
    db_.drain(24h);
  }
  database::cache_figures cache() {
    auto figures = db_.run(db_.engine().administration().figures("bench", db_.reading()));
    if (!figures) throw std::runtime_error(figures.error().message);
    return figures->cache;
  }
  std::uint64_t cached_rows() { return std::min(rows_, cache().bytes / json(0).size()); }

  void find_all(bench::report& report) {
    constexpr std::uint64_t finds = 100;
    std::uint64_t dearest = 0, all = 0;
    for (std::uint64_t i = 0; i < finds; ++i) {
      database::find_request request;
      request.where_json = fmt::format(R"({{"u":"user {}"}})", i * 7919 % rows_);
      auto before = db_.requests();
      auto found = db_.run(db_.engine().find("bench", "t0", std::move(request), db_.reading()));
      if (!found || found->rows.size() != 1) throw std::runtime_error(found ? "a row is missing" : found.error().message);
      dearest = std::max(dearest, db_.requests() - before);
      all += db_.requests() - before;
    }
    report.add("find by unique key, values not all in memory: requests", static_cast<double>(all) / finds, "");
    report.below("find by unique key, values not all in memory: requests of the dearest", static_cast<double>(dearest), "", 1.5);
  }

  std::uint64_t rows_;
  bench::virtual_database db_;
};

}  // namespace

int main(int argc, char** argv) try {
  bench::arguments args(argc, argv);
  bench::report report("bench_index", !args.smoke);
  auto rows = args.smoke ? 500 : 10'000;
  indexed_table(static_cast<std::uint64_t>(rows)).measure(report);
  if (args.smoke) indexed_table(static_cast<std::uint64_t>(rows)).measure(report);
  return report.finish(args.json_dir);
} catch (const std::exception& e) {
  fmt::print(stderr, "bench_index: {}\n", e.what());
  return 2;
}
