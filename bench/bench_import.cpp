// Rows of ~200 bytes into one table of a local guild, by `dbcord import`, until all are acknowledged: under Discord's default
// limits (one message per row would take a second per row) and without limits.
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/commands.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_import {
namespace {

double run(const bench::arguments& args, const std::string& limits, int rows, std::size_t& limited) {
  bench::scratch_directory scratch("bench-import-" + limits);
  auto file = scratch.path() / "rows.jsonl";
  bench::write_rows(file, rows);
  bench::server_process server(args.dbcord, scratch.path() / "guild", limits);
  bench::exec(args.dbcord, scratch.path() / "guild", "/dbc_init database:bench");
  auto seconds = bench::import(args.dbcord, scratch.path() / "guild", file, "rows");
  limited = server.log_lines("rate limited");
  server.kill();
  return seconds;
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_import", !args.smoke);
  std::size_t limited = 0;
  int rows = args.smoke ? 500 : 10000;
  auto seconds = run(args, "discord", rows, limited);
  report.add("rows, Discord's limits", rows, "rows");
  report.below("time until acknowledged, Discord's limits", seconds, "s", 10);
  report.below("answers with 429", static_cast<double>(limited), "", 1);
  rows = args.smoke ? 500 : 50000;
  seconds = run(args, "none", rows, limited);
  report.add("rows, no limits", rows, "rows");
  report.above("acknowledged, no limits", rows / seconds, "rows/s", 10000);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_import", run);

}  // namespace
}  // namespace dbcord::bench_import
