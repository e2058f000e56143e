// A single insert as its user sees it, from POST /interactions to the reply's last form, on a local guild without limits:
// one user on an idle log, then 32 users at once, each with a gateway session of its own.
// The lone one pauses: a user's client, too, keeps to 50 requests a second unless a server shows that it has no limits.
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "actor/task_group.hpp"
#include "app/client_connection.hpp"
#include "app/process_logger.hpp"
#include "app/reply_message.hpp"
#include "app/runtime.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/commands.hpp"
#include "support/report.hpp"
#include "support/server_process.hpp"

namespace dbcord::bench_latency {
namespace {

// `count` inserts one after another; milliseconds each.
actor::task<void> insert_rows(const actor::environment& env, app::user_session& session, int user, int count, base::duration pause,
                              std::vector<double>& times) {
  for (int i = 0; i < count; ++i) {
    if (pause > base::duration::zero()) co_await actor::sleep_for(env, pause);
    auto line = fmt::format("/dbc_insert database:bench table:rows key:u{}-{} value_json:{{\"n\":{}}}", user, i, i);
    auto begun = env.now();
    auto reply = co_await session.run_line(std::move(line), env.after(std::chrono::seconds(60)));
    if (!reply) throw std::runtime_error("insert failed: " + reply.error().message);
    if (app::is_failure(*reply)) throw std::runtime_error("insert refused");
    times.push_back(std::chrono::duration<double, std::milli>(env.now() - begun).count());
  }
}

actor::task<void> one_user(const actor::environment& env, app::client_options where, int user, int count, base::duration pause,
                           std::vector<double>& times, actor::promise<std::string> done) {
  std::string failure;
  try {
    auto who = app::identify(where);
    if (!who) throw std::runtime_error(who.error().message);
    app::client_connection connection(env, std::move(*who));
    auto connected = co_await connection.session().connect(env.after(app::connect_limit));
    if (!connected) throw std::runtime_error(connected.error().message);
    co_await insert_rows(env, connection.session(), user, count, pause, times);
    co_await connection.session().close();
  } catch (const std::exception& e) {
    failure = e.what();
  }
  done.set(failure);
}

actor::task<int> all_users(const actor::environment& env, app::client_options where, int first, int users, int count, base::duration pause,
                           std::vector<double>& times) {
  actor::task_group group(env, "users");
  std::vector<std::vector<double>> each(static_cast<std::size_t>(users));
  std::vector<actor::promise<std::string>> ended(each.size());
  for (int i = 0; i < users; ++i) {
    auto index = static_cast<std::size_t>(i);
    group.spawn(env.context.get_executor(), one_user(env, where, first + i, count, pause, each[index], ended[index]));
  }
  std::string failed;
  for (std::size_t i = 0; i < each.size(); ++i) {
    auto failure = co_await ended[i].get();
    if (!failure.empty()) failed = failure;
    times.insert(times.end(), each[i].begin(), each[i].end());
  }
  co_await group.join(base::steady_time::max());
  if (!failed.empty()) throw std::runtime_error(failed);
  co_return 0;
}

std::vector<double> measure(const std::filesystem::path& guild, int first, int users, int count, base::duration pause) {
  app::process_logger log("error");
  app::runtime world(log);
  app::client_options where;
  where.local = guild;
  std::vector<double> times;
  world.run(all_users(world.env(), where, first, users, count, pause, times));
  return times;
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::scratch_directory scratch("bench-latency");
  auto guild = scratch.path() / "guild";
  bench::server_process server(args.dbcord, guild, "none");
  bench::exec(args.dbcord, guild, "/dbc_init database:bench");
  bench::exec(args.dbcord, guild, "/dbc_table_create database:bench table:rows pk:id");
  bench::report report("bench_latency", !args.smoke);
  auto alone = measure(guild, 0, 1, args.smoke ? 20 : 500, std::chrono::milliseconds(25));
  report.below("one user, idle log: P50", bench::percentile(alone, 0.5), "ms", 10);
  report.add("one user, idle log: P95", bench::percentile(alone, 0.95), "ms");
  report.add("one user, idle log: P99", bench::percentile(alone, 0.99), "ms");
  auto crowd = measure(guild, 1, args.smoke ? 4 : 32, args.smoke ? 5 : 100, {});
  report.add("32 users: inserts", static_cast<double>(crowd.size()), "rows");
  report.add("32 users: P50", bench::percentile(crowd, 0.5), "ms");
  report.below("32 users: P95", bench::percentile(crowd, 0.95), "ms", 100);
  report.add("32 users: P99", bench::percentile(crowd, 0.99), "ms");
  server.stop();
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_latency", run);

}  // namespace
}  // namespace dbcord::bench_latency
