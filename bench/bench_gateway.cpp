// The local guild's connections: 200 gateway sessions with 50 events a second to and from each, none of which may be lost; and
// 10,000 connections at once, of which the guild serves as many as it takes and closes the rest, in bounded memory.
#include <fmt/format.h>

#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/gateway_load.hpp"
#include "support/held_connections.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_gateway {
namespace {

constexpr double mib = 1024 * 1024;

bench::server_process start(const bench::arguments& args, const std::filesystem::path& guild) {
  return {args.dbcord, {"guild", "--data", guild.string(), "--listen", "127.0.0.1:0", "--limits", "none"}, guild.string() + ".log"};
}

// Whether nothing was lost, which a smoke run must show as well.
bool measure_events(const bench::arguments& args, const std::filesystem::path& guild, bench::report& report) {
  auto server = start(args, guild);
  bench::gateway_load_options load;
  load.guild = guild;
  if (args.smoke) load.sessions = 20, load.seconds = 1;
  auto cpu_before = server.cpu_seconds();
  auto result = bench::exchange_events(load);
  auto cpu = server.cpu_seconds() - cpu_before;
  auto all = static_cast<double>(result.to_sessions + result.from_sessions);
  auto sessions = static_cast<double>(load.sessions);
  report.add("gateway sessions", sessions, "");
  report.above("events to each session", static_cast<double>(result.to_sessions) / sessions / result.seconds, "/s", load.a_second * 0.98);
  report.above("events from each session", static_cast<double>(result.from_sessions) / sessions / result.seconds, "/s", load.a_second * 0.98);
  report.below("events lost", static_cast<double>(result.lost), "", 1);
  report.below("events doubled", static_cast<double>(result.doubled), "", 1);
  report.below("heartbeats unanswered", static_cast<double>(result.unanswered), "", 1);
  report.add("P50 from posting to the event", result.p50_ms, "ms");
  report.add("P99 from posting to the event", result.p99_ms, "ms");
  report.add("CPU of the guild for an event", cpu * 1e6 / all, "us");
  report.add("CPU of the load generator for an event", result.client_cpu_seconds * 1e6 / all, "us");
  server.stop();
  return result.lost + result.doubled + result.unanswered == 0;
}

bool measure_connections(const bench::arguments& args, const std::filesystem::path& guild, bench::report& report) {
  auto server = start(args, guild);
  auto before = static_cast<double>(server.resident_bytes()) / mib;
  auto result = bench::hold_connections(guild, args.smoke ? 2'000 : 10'000, server);
  report.add("connections at once", static_cast<double>(result.held), "");
  report.above("of them served", static_cast<double>(result.served), "", 1000);
  report.add("of them closed", static_cast<double>(result.refused), "");
  report.below("of them neither", static_cast<double>(result.silent), "", 1);
  report.add("resident before", before, "MiB");
  report.below("resident meanwhile", static_cast<double>(result.resident) / mib, "MiB", 128);
  server.stop();
  if (!result.served_afterwards) fmt::print("The guild did not serve again when they had gone.\n");
  return result.served > 0 && result.silent == 0 && result.served_afterwards;
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::scratch_directory scratch("bench-gateway");
  bench::report report("bench_gateway", !args.smoke);
  fmt::print("The load generator (one thread) runs on the same cores as the guild.\n");
  bool nothing_lost = measure_events(args, scratch.path() / "events", report);
  bool connections_bounded = measure_connections(args, scratch.path() / "connections", report);
  auto status = report.finish(args.json_dir);
  return nothing_lost && connections_bounded ? status : 1;
}

const bench::benchmark listed("bench_gateway", run);

}  // namespace
}  // namespace dbcord::bench_gateway
