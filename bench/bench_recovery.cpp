// Start-up after kill -9: requests, virtual time and processor time for databases of several sizes, 50 ms from Discord.
#include <fmt/format.h>

#include "actor/real_time.hpp"
#include "support/arguments.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

using namespace dbcord;

namespace {

void fill(bench::virtual_database& db, std::uint64_t rows) {
  for (std::uint64_t done = 0; done < rows;) {
    std::vector<database::new_row> part;
    for (int i = 0; i < 10'000 && done < rows; ++i) part.push_back({{}, bench::row_json(done++, 200)});
    auto report = db.run(db.engine().import("bench", "t0", std::move(part), db.writing()));
    if (!report || !report->refused.empty()) throw std::runtime_error("import failed");
  }
}

struct opened {
  std::uint64_t requests;
  double waited, processing;
  std::uint64_t rows, hash;
};

opened measure(std::uint64_t rows) {
  auto options = bench::virtual_database::default_options();
  options.memory_cap = std::size_t{8} * 1024 * 1024 * 1024;
  bench::virtual_database db(options);
  db.start();
  db.create(1, 0);
  fill(db, rows);
  db.world().run_for(std::chrono::minutes(10));  // for checkpoints, if any, to be written
  db.kill();
  actor::real_clock clock;
  auto real = clock.now();
  auto begun = db.world().now();
  auto requests = db.requests();
  db.start();
  opened o;
  o.requests = db.requests() - requests;
  o.waited = std::chrono::duration<double>(db.world().now() - begun).count();
  o.processing = std::chrono::duration<double>(clock.now() - real).count();
  o.rows = db.inspect().tables.at(0).rows;
  o.hash = db.hash();
  return o;
}

}  // namespace

int main(int argc, char** argv) try {
  std::vector<std::uint64_t> sizes{1'000, 10'000, 100'000, 1'000'000};
  bench::arguments args(argc, argv, [&](CLI::App& app) { app.add_option("--rows", sizes, "sizes of the database"); });
  if (args.smoke) sizes = {500};
  bench::report report("bench_recovery", !args.smoke);
  for (auto rows : sizes) {
    auto o = measure(rows);
    if (o.rows != rows) throw std::runtime_error(fmt::format("{} of {} rows came back", o.rows, rows));
    auto name = fmt::format("{} rows", rows);
    if (rows >= 1'000'000) {
      report.below(name + ": requests", static_cast<double>(o.requests), "", 21);
      report.below(name + ": processor time, guild included", o.processing, "s", 3);
    } else {
      if (rows >= 100'000) report.below(name + ": requests", static_cast<double>(o.requests), "", 11);
      else report.add(name + ": requests", static_cast<double>(o.requests), "");
      report.add(name + ": processor time, guild included", o.processing, "s");
    }
    report.add(name + ": until open", o.waited, "s");
    report.repeats(name, o.hash);
    if (args.smoke) report.repeats(name, measure(rows).hash);
  }
  return report.finish(args.json_dir);
} catch (const std::exception& e) {
  fmt::print(stderr, "bench_recovery: {}\n", e.what());
  return 2;
}
