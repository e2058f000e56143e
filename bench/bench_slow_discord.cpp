// What the bot's process grows to while Discord is slow, and while it does not answer at all: several imports at once hand it far more than it can pass on. The
// caps bound what it holds of rows and of what waits (design.md section 13); this looks at the process from outside, where a queue that nobody counts would show.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "actor/event.hpp"
#include "app/credentials_file.hpp"
#include "app/process_logger.hpp"
#include "app/runtime.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/commands.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_slow_discord {
namespace {

constexpr double mib = 1024 * 1024;
constexpr int importers = 4;
constexpr double memory_cap = 64, backlog_cap = 64;  // MiB; the second is engine_options::backlog_cap
constexpr int latency_ms = 100;                      // with a second instead the rows' cap is not reached, and the process stays smaller

// How long a message takes to post: that at least, and half as long again on average.
void write_plan(const std::filesystem::path& file) {
  std::ofstream(file) << fmt::format(R"({{"only": ["POST /channels/{{}}/messages"], "latency_min_ms": {}, "latency_mean_ms": {}}})", latency_ms, latency_ms / 2);
}

// Where a bot that runs beside the guild finds it; inherited by processes that are started from now on.
void point_at(const std::filesystem::path& guild) {
  auto secret = app::read_credentials(guild);
  if (!secret) throw std::runtime_error(secret.error().message);
  ::setenv("DISCORD_API_URL", secret->api_url.c_str(), 1);
  ::setenv("DISCORD_BOT_TOKEN", secret->bot_token.c_str(), 1);
  ::setenv("DBCORD_GUILD_ID", secret->guild.str().c_str(), 1);
  ::setenv("DBCORD_LEASE", "5", 1);
  ::setenv("DBCORD_STALENESS", "0", 1);
}

// What becomes of the rows is no matter here.
void import_for_a_while(const std::string& command) {
  if (std::system(command.c_str()) == -1) throw std::runtime_error("cannot run " + command);
}

actor::task<int> sleep(const actor::environment& env, base::duration d) {
  co_await actor::sleep_for(env, d);
  co_return 0;
}

void wait(base::duration d) {
  app::process_logger log("error");
  app::runtime world(log);
  world.run(sleep(world.env(), d));
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::scratch_directory scratch("bench-slow-discord");
  auto data = scratch.path() / "guild", rows = scratch.path() / "rows.jsonl", plan = scratch.path() / "faults.json";
  const int slow_s = args.smoke ? 8 : 40, silent_s = args.smoke ? 2 : 20;
  bench::write_rows(rows, args.smoke ? 20'000 : 250'000);
  write_plan(plan);
  {
    bench::server_process fast(args.dbcord, data, "none");
    bench::exec(args.dbcord, data, "/dbc_init database:bench");
    for (int i = 0; i < importers; ++i) bench::exec(args.dbcord, data, fmt::format("/dbc_table_create database:bench table:t{} pk:id", i));
    fast.stop();
  }
  bench::server_process guild(args.dbcord, {"guild", "--data", data.string(), "--listen", "127.0.0.1:0", "--limits", "none", "--faults", plan.string()},
                              scratch.path() / "guild.log");
  point_at(data);
  bench::server_process bot(args.dbcord, {"serve", "--memory", fmt::format("{}MiB", memory_cap)}, scratch.path() / "bot.log");
  auto idle = static_cast<double>(bot.resident_bytes());
  std::vector<std::thread> people;
  for (int i = 0; i < importers; ++i) {
    people.emplace_back(import_for_a_while,
                        fmt::format("timeout {} {} import --local {} --database bench --table t{} --key id {} >{} 2>&1", slow_s + silent_s, args.dbcord.string(),
                                    data.string(), i, rows.string(), (scratch.path() / fmt::format("import{}.log", i)).string()));
  }
  wait(std::chrono::seconds(slow_s));
  auto slow = static_cast<double>(bot.most_resident_bytes());
  guild.freeze(true);
  wait(std::chrono::seconds(silent_s));
  auto silent = static_cast<double>(bot.most_resident_bytes());
  guild.freeze(false);
  bench::report report("bench_slow_discord", !args.smoke);
  report.add("importers at once", importers, "");
  report.add("what they have to hand over", importers * static_cast<double>(std::filesystem::file_size(rows)) / mib, "MiB");
  report.add("resident, idle", idle / mib, "MiB");
  report.add(fmt::format("most resident, every message takes {} ms or more", latency_ms), slow / mib, "MiB");
  report.add(fmt::format("most resident, {} s without an answer behind that", silent_s), silent / mib, "MiB");
  report.above("growth, or else nothing was handed over", (silent - idle) / mib, "MiB", memory_cap / 2);
  // Beside the caps: files of 8 MiB while they are made, packed and sent, of groups, pages and checkpoints, and what imports are taken apart into.
  report.below("growth / caps of rows and of what waits", (silent - idle) / mib / (memory_cap + backlog_cap), "", 2);
  bot.kill();
  guild.kill();
  for (auto& p : people) p.join();
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_slow_discord", run);

}  // namespace
}  // namespace dbcord::bench_slow_discord
