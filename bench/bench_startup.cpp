// Start-up of `dbcord serve --local` with 10,000 rows, from exec to ready, and its resident memory.
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/commands.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_startup {
namespace {

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  const int rows = args.smoke ? 500 : 10000;
  const int starts = args.smoke ? 2 : 7;
  bench::scratch_directory scratch("bench-startup");
  auto guild = scratch.path() / "guild", file = scratch.path() / "rows.jsonl";
  bench::write_rows(file, rows);
  std::size_t at_rest = 0;
  {
    bench::server_process server(args.dbcord, guild, "discord");
    bench::exec(args.dbcord, guild, "/dbc_init database:bench");
    at_rest = server.resident_bytes();
    bench::import(args.dbcord, guild, file, "rows");
    server.kill();
  }
  std::vector<double> times;
  std::size_t loaded = 0;
  for (int i = 0; i < starts; ++i) {
    bench::server_process server(args.dbcord, guild, "discord");
    times.push_back(server.start_time().count() * 1000);
    loaded = server.resident_bytes();
    server.kill();
  }
  constexpr double mib = 1024 * 1024;
  bench::report report("bench_startup", !args.smoke);
  report.add("rows", rows, "rows");
  report.below("exec to ready after kill -9, median", bench::percentile(times, 0.5), "ms", 500);
  report.add("exec to ready after kill -9, slowest", bench::percentile(times, 1), "ms");
  report.below("resident at rest, empty database", static_cast<double>(at_rest) / mib, "MiB", 64);
  report.add("resident with the rows", static_cast<double>(loaded) / mib, "MiB");
  auto beyond = static_cast<double>(loaded) - 64 * mib;
  report.below("resident beyond 64 MiB, per row", std::max(0.0, beyond / rows), "B", 1024);
  auto growth = static_cast<double>(loaded) - static_cast<double>(at_rest);
  report.add("resident beyond the empty database, per row", std::max(0.0, growth / rows), "B");
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_startup", run);

}  // namespace
}  // namespace dbcord::bench_startup
