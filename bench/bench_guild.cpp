// The local guild alone: message creates a second over 64 keep-alive connections, without and with waiting for the disk, then
// start-up and resident memory with a million messages.
#include <fmt/format.h>

#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/create_load.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_guild {
namespace {

constexpr double mib = 1024 * 1024;

bench::server_process start(const bench::arguments& args, const std::filesystem::path& guild, const char* fsync) {
  return {args.dbcord,
          {"guild", "--data", guild.string(), "--listen", "127.0.0.1:0", "--limits", "none", "--fsync", fsync},
          guild.string() + ".log"};
}

void measure(const bench::arguments& args, const std::filesystem::path& guild, const char* fsync, std::uint64_t messages, double goal,
             bench::report& report) {
  auto server = start(args, guild, fsync);
  bench::load_options load;
  load.guild = guild;
  load.messages = messages / 10;
  bench::post_messages(load);  // warms both sides up
  load.messages = messages;
  auto cpu_before = server.cpu_seconds();
  auto result = bench::post_messages(load);
  auto count = static_cast<double>(messages);
  auto name = [&](const char* what) { return fmt::format("fsync {}: {}", fsync, what); };
  report.above(name("creates a second"), count / result.seconds, "/s", goal);
  report.add(name("P50 of a create"), result.p50_ms, "ms");
  report.add(name("P99 of a create"), result.p99_ms, "ms");
  report.add(name("CPU of the guild for a create"), (server.cpu_seconds() - cpu_before) * 1e6 / count, "us");
  report.add(name("CPU of the load generator for a create"), result.client_cpu_seconds * 1e6 / count, "us");
  server.stop();
}

void measure_start(const bench::arguments& args, const std::filesystem::path& guild, std::uint64_t messages, bench::report& report) {
  {
    auto server = start(args, guild, "never");
    bench::load_options load;
    load.guild = guild;
    load.messages = messages;
    bench::post_messages(load);
    report.add("resident after the creates", static_cast<double>(server.resident_bytes()) / mib, "MiB");
    server.kill();
  }
  std::vector<double> times;
  double resident = 0, cpu = 0;
  for (int i = 0; i < 3; ++i) {
    auto server = start(args, guild, "always");
    times.push_back(server.start_time().count());
    resident = std::max(resident, static_cast<double>(server.resident_bytes()) / mib);
    cpu = std::max(cpu, server.cpu_seconds());
    server.kill();
  }
  report.add("messages at start-up", static_cast<double>(messages), "");
  report.below("exec to ready after kill -9, median of 3", bench::percentile(times, 0.5), "s", 3);
  report.add("CPU from exec to ready", cpu, "s");
  report.below("resident when ready", resident, "MiB", 300);
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::scratch_directory scratch("bench-guild");
  bench::report report("bench_guild", !args.smoke);
  fmt::print("The load generator (raw Asio, one request at a time on each of 64 connections) runs on the same cores as the guild.\n");
  measure(args, scratch.path() / "never", "never", args.smoke ? 500 : 200000, 30000, report);
  measure(args, scratch.path() / "always", "always", args.smoke ? 500 : 100000, 20000, report);
  measure_start(args, scratch.path() / "million", args.smoke ? 2000 : 1000000, report);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_guild", run);

}  // namespace
}  // namespace dbcord::bench_guild
