// What indexes cost in virtual time when not all values fit into memory: how often a backfill reads a value, and a find by a unique key.
#include <fmt/format.h>

#include <algorithm>

#include "database/database_administration.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_index {
namespace {

using namespace std::chrono_literals;

class indexed_table {
 public:
  // `page_from`: of so many waiting rows on they become pages.
  explicit indexed_table(std::uint64_t rows, std::size_t page_from = 1'000'000) : rows_(rows), db_(options(rows, page_from)) {}

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
    find_all(report, "values not all in memory", 1.5);
    report.repeats("virtual time", db_.hash());
  }
  // A new process has seen no page: its first row there takes the page's message, for the addresses of its files, and the file.
  void measure_pages(bench::report& report) {
    fill();
    auto made = db_.run(db_.engine().create_index("bench", "t0", "u", true, db_.writing(2h)));
    if (!made) throw std::runtime_error(made.error().message);
    report.add("pages of that table", static_cast<double>(db_.inspect().tables.at(0).pages), "");
    db_.stop();
    db_.start();
    db_.world().run_for(5min);  // what a start has to do is done
    find_all(report, "rows in pages, a new process", 2.5);
    find_all(report, "rows in pages, once more", 1.5);
    report.repeats("virtual time, pages", db_.hash());
  }

 private:
  static constexpr std::size_t row_bytes = 1'000;

  static database::engine_options options(std::uint64_t rows, std::size_t page_from) {
    auto o = bench::virtual_database::default_options();
    o.memory_cap = rows * 800;  // which leaves room for an index, and for some of the values
    o.page_from = page_from;    // else each row has a message of its own
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

  void find_all(bench::report& report, const std::string& where, double at_most) {
    constexpr std::uint64_t finds = 100;
    std::uint64_t dearest = 0, all = 0, of_two = 0;
    for (std::uint64_t i = 0; i < finds; ++i) {
      database::find_request request;
      request.where_json = fmt::format(R"({{"u":"user {}"}})", i * 7919 % rows_);
      auto before = db_.requests();
      auto found = db_.run(db_.engine().find("bench", "t0", std::move(request), db_.reading()));
      if (!found || found->rows.size() != 1) throw std::runtime_error(found ? "a row is missing" : found.error().message);
      auto taken = db_.requests() - before;
      dearest = std::max(dearest, taken);
      of_two += taken > 1;
      all += taken;
    }
    auto name = fmt::format("find by unique key, {}: requests and downloads", where);
    report.add(name, static_cast<double>(all) / finds, "");
    report.add(name + ": finds of more than one", static_cast<double>(of_two), "");
    report.below(name + " of the dearest", static_cast<double>(dearest), "", at_most);
  }

  std::uint64_t rows_;
  bench::virtual_database db_;
};

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_index", !args.smoke);
  auto rows = args.smoke ? 500 : 10'000;
  indexed_table(static_cast<std::uint64_t>(rows)).measure(report);
  if (args.smoke) indexed_table(static_cast<std::uint64_t>(rows)).measure(report);
  indexed_table(static_cast<std::uint64_t>(rows), 32).measure_pages(report);
  if (args.smoke) indexed_table(static_cast<std::uint64_t>(rows), 32).measure_pages(report);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_index", run);

}  // namespace
}  // namespace dbcord::bench_index
