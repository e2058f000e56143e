// The request scheduler against the optimum: how long it takes to carry out what it is handed at once, and what it costs in 429s.
// In virtual time on the guild's core (exact), over sockets on a local guild, or on any server (--workload FILE).
#include <fmt/format.h>

#include <cstdlib>

#include "app/credentials_file.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/scheduler_scenarios.hpp"
#include "support/server_process.hpp"
#include "support/socket_run.hpp"
#include "support/virtual_guild.hpp"
#include "support/workload_file.hpp"

namespace dbcord::bench_scheduler {
namespace {

using namespace std::chrono_literals;

double seconds(base::duration d) {
  return std::chrono::duration<double>(d).count();
}

constexpr base::duration refusal_pause = 1s;  // of the network's shared 429: its header says more than its body

actor::task<bench::workload_outcome> carry_out(bench::virtual_guild& g, std::vector<bench::operation> list) {
  auto& scheduler = g.process->make<discord::request_scheduler>(
      g.env(), g.process->make<simulation::simulated_transport>(g.env(), g.net, "bench"), g.scheduler_options());
  return bench::carry_out(g.env(), scheduler, std::move(list));
}

std::vector<std::string> channels_of(bench::virtual_guild& g, int count) {
  std::vector<std::string> made;
  for (int i = 0; i < count; ++i) made.push_back(g.make_channel(fmt::format("c{}", i)));
  return made;
}

struct measured {
  bench::workload_outcome outcome;
  base::duration bound;
  std::uint64_t hash = 0;  // of everything that went over the network, with its times
};

measured run_virtual(const bench::scenario& s) {
  guild::core_options options;
  options.limits = s.limits;
  bench::virtual_guild g(options, s.round_trip);
  auto list = bench::operations_of(s, channels_of(g, s.channels), [&](const auto& c) { return g.make_message(c); });
  g.world.run_for(1min);  // no window of the preparations is open any more, and no message is young
  if (s.shared_refusal) {
    // At the moment at which the middle window's requests have left.
    g.world.after(27500ms, [&] { g.net.plan.rate_limited = 1; });
    g.world.after(30300ms, [&] { g.net.plan.rate_limited = 0; });
  }
  auto outcome = g.run(carry_out(g, std::move(list)));
  auto bound = bench::bound_of(s);
  if (s.shared_refusal) bound += refusal_pause + s.round_trip;  // the refused way there and back, and the wait
  return {std::move(outcome), bound, g.trace.hash()};
}

void judge(bench::report& report, const bench::scenario& s, const measured& m, double most, const std::string& where) {
  report.add(s.name + where + ": makespan", seconds(m.outcome.makespan), "s");
  report.add("  optimum", seconds(m.bound), "s");
  if (m.outcome.failed() > 0) report.below("  operations failed", static_cast<double>(m.outcome.failed()), "", 1);
  if (s.unforeseeable) {
    report.add("  makespan / optimum", seconds(m.outcome.makespan) / seconds(m.bound), "x");
    report.add("  429", static_cast<double>(m.outcome.refused_429()), "");
    return;
  }
  report.below("  makespan / optimum", seconds(m.outcome.makespan) / seconds(m.bound), "x", most);
  report.below("  429", static_cast<double>(m.outcome.refused_429()), "", 1);
}

// One commit a second and one interactive request in two, alone or beside far more background work than the limits let through.
std::vector<bench::operation> priorities(const std::vector<std::string>& channels, bool overload) {
  std::vector<bench::operation> list;
  auto add = [&](std::size_t channel, database::priority level, base::duration when) {
    bench::operation op{bench::operation_kind::create, channels[channel], {}, "row", {}};
    op.level = level;
    op.hand_over = when;
    list.push_back(std::move(op));
  };
  for (int i = 0; i < 60; ++i) {
    add(0, database::priority::commit, i * 1500ms);
    add(1, database::priority::interactive, i * 1500ms);
  }
  for (std::size_t c = 2; overload && c < channels.size(); ++c) {
    for (int i = 0; i < 90; ++i) add(c, database::priority::materialise, i * 1s);
  }
  return list;
}

void measure_priorities(bench::report& report, bool small) {
  double unloaded = 0;
  for (bool overload : {false, true}) {
    bench::virtual_guild g({}, 50ms);
    auto list = priorities(channels_of(g, small ? 4 : 90), overload);
    g.world.run_for(1min);
    auto outcome = g.run(carry_out(g, list));
    auto commit = outcome.latencies_ms(database::priority::commit, list);
    auto p99 = bench::percentile(commit, 0.99);
    if (!overload) {
      unloaded = p99;
      report.add("priorities, unloaded: commit P99", p99, "ms");
      continue;
    }
    using database::priority;
    for (auto [level, name] : {std::pair{priority::commit, "commit"}, {priority::interactive, "interactive"}, {priority::materialise, "materialise"}}) {
      auto times = outcome.latencies_ms(level, list);
      report.add(fmt::format("priorities, overload: {} P50", name), bench::percentile(times, 0.5), "ms");
      report.add(fmt::format("priorities, overload: {} P95", name), bench::percentile(times, 0.95), "ms");
      if (level != priority::commit) report.add(fmt::format("priorities, overload: {} P99", name), bench::percentile(times, 0.99), "ms");
    }
    report.below("priorities, overload: commit P99", p99, "ms", 1.1 * unloaded + 1000);
    report.below("  429", static_cast<double>(outcome.refused_429()), "", 1);
  }
}

// On any server that knows channels and messages; its limits are taken to be Discord's where the optimum needs them.
struct server {
  std::string api_url, authorization;
  base::guild_id guild;
};

void measure_sockets(bench::report& report, const server& to, bool small) {
  bench::socket_preparation preparation(to.api_url, to.authorization);
  for (const auto& s : bench::makespan_scenarios(small)) {
    bool plain = s.limits == guild::rate_table{} && !s.shared_refusal && !s.unforeseeable;
    if (!plain) continue;
    std::vector<std::string> channels;
    for (int i = 0; i < s.channels; ++i) {
      auto body = fmt::format(R"({{"name":"bench-{}","type":0}})", i);
      channels.push_back(preparation.create("/guilds/" + to.guild.str() + "/channels", body));
    }
    auto list = bench::operations_of(s, channels, [&](const std::string& c) {
      return preparation.create("/channels/" + c + "/messages", R"({"content":"to be changed"})");
    });
    // No window of the preparations is open any more, and no message is young.
    preparation.wait(s.edits + s.removes > 0 ? 11s : 2s);
    auto outcome = bench::run_over_sockets(to.api_url, to.authorization, list);
    judge(report, s, {std::move(outcome), bench::bound_of(s) - s.round_trip}, 1.02, ", over sockets");
  }
}

std::optional<server> server_of(const std::string& url) {
  auto token = std::getenv("DISCORD_BOT_TOKEN");
  auto guild = std::getenv("DBCORD_GUILD_ID");
  auto id = guild ? base::parse_id<base::guild_id>(guild) : std::nullopt;
  auto api = bench::complete_api_url(url);
  if (!api) fmt::print(stderr, "--url: {}\n", api.error().message);
  if (!token || !id) fmt::print(stderr, "--url needs DISCORD_BOT_TOKEN and DBCORD_GUILD_ID in the environment.\n");
  if (!api || !token || !id) return std::nullopt;
  return server{*api, std::string("Bot ") + token, *id};
}

// The local guild as a child, with Discord's limits.
void measure_local(bench::report& report, const bench::arguments& args) {
  bench::scratch_directory scratch("bench-scheduler");
  auto data = scratch.path() / "guild";
  bench::server_process child(args.dbcord, {"guild", "--data", data.string(), "--listen", "127.0.0.1:0"},
                              scratch.path() / "log");
  auto known = app::read_credentials(data);
  if (!known) throw std::runtime_error(known.error().message);
  measure_sockets(report, {known->api_url, "Bot " + known->bot_token, known->guild}, args.smoke);
}

void measure_virtual(bench::report& report, bool small) {
  std::uint64_t hash = 0;
  for (const auto& s : bench::makespan_scenarios(small)) {
    auto m = run_virtual(s);
    judge(report, s, m, 1.01, "");
    hash = hash * 31 + m.hash;
  }
  measure_priorities(report, small);
  report.repeats("virtual time", hash);
}

int carry_out_file(const std::string& file) {
  auto workload = bench::read_workload(file);
  if (!workload) return fmt::print(stderr, "{}\n", workload.error().message), 2;
  return bench::run_workload(*workload);
}

int run(int argc, char** argv) {
  std::string file, url;
  bool only_virtual = false, only_local = false;
  bench::arguments args(argc, argv, [&](bench::command_line& line) {
    line.option("--workload", file, "carry out this file's operations, print one line of JSON");
    line.option("--url", url, "measure on this server");
    line.flag("--virtual", only_virtual, "in virtual time only");
    line.flag("--sockets", only_local, "on a local guild over sockets only");
  });
  if (!file.empty()) return carry_out_file(file);
  bench::report report("bench_scheduler", !args.smoke);
  if (!url.empty()) {
    auto to = server_of(url);
    if (!to) return 2;
    measure_sockets(report, *to, args.smoke);
    return report.finish(args.json_dir);
  }
  if (!only_local) measure_virtual(report, args.smoke);
  if (args.smoke) measure_virtual(report, true);
  if (!only_virtual && !args.smoke) measure_local(report, args);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_scheduler", run);

}  // namespace
}  // namespace dbcord::bench_scheduler
