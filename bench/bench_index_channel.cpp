// What the channel of one index costs, in virtual time under Discord's limits, 50 ms away: requests beside those of the rows themselves, and how far behind it is.
#include <fmt/format.h>

#include "database/database_administration.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_index_channel {
namespace {

using namespace std::chrono_literals;

struct load {
  std::string name;
  int writers = 1;
  std::size_t batch = 1;  // rows a call; above 1 by import()
  base::duration length = 60s;
};

struct measured {
  std::uint64_t rows = 0, refused = 0, next_row = 0;
  base::steady_time end;
};

actor::task<void> write_on(bench::virtual_database& db, const load& l, measured& into) {
  while (db.world().now() < into.end) {
    std::vector<database::new_row> rows;
    for (std::size_t i = 0; i < l.batch; ++i) rows.push_back({{}, bench::row_json(into.next_row++, 200)});
    auto context = db.writing();
    if (l.batch == 1) {
      auto done = co_await db.engine().insert("bench", "t0", std::move(rows.front()), std::move(context));
      ++(done ? into.rows : into.refused);
      continue;
    }
    auto done = co_await db.engine().import("bench", "t0", std::move(rows), std::move(context));
    if (done) into.rows += done->accepted;
    into.refused += done ? done->refused.size() : l.batch;
  }
}

struct outcome {
  measured all;
  std::uint64_t requests = 0;     // until everything is in messages of its own, and shown
  std::uint64_t most_waiting = 0; // changed entries
  double behind = 0;              // seconds until all is shown, after the last write
  double commits_took = 0;        // seconds
  std::uint64_t hash = 0;
};

database::index_channel_status status_of(bench::virtual_database& db) {
  auto all = db.engine().administration().index_channels_of("bench");
  return all && !all->empty() ? all->front() : database::index_channel_status();
}

outcome run(const load& l, bool shown) {
  bench::virtual_database db;
  db.start();
  db.create(1, 1);
  if (shown) {
    auto on = db.run(db.engine().administration().set_index_channel("bench", "t0", "f0", true, db.writing()));
    if (!on) throw std::runtime_error("the index gets no channel: " + on.error().message);
  }
  db.world().run_for(1min);
  outcome o;
  auto begun = db.world().now();
  auto requests = db.requests();
  bool writing = true;
  std::function<void()> look = [&] {
    o.most_waiting = std::max(o.most_waiting, status_of(db).waiting);
    if (writing) db.world().after(100ms, look);
  };
  if (shown) look();
  o.all.end = db.world().now() + l.length;
  db.run(bench::run_writers(db, l.writers, [&](int) { return write_on(db, l, o.all); }));
  auto ended = db.world().now();
  o.commits_took = std::chrono::duration<double>(ended - begun).count();
  auto all_shown = [&] {
    auto s = status_of(db);
    return !shown || (s.complete && s.waiting == 0);
  };
  db.world().run_for(1ms);  // its status is as of its last step
  if (!db.world().run_until(all_shown, 1h)) throw std::runtime_error("the channel does not show everything within an hour");
  o.behind = std::chrono::duration<double>(db.world().now() - ended).count();
  writing = false;
  db.drain(10min);
  db.world().run_for(5min);  // as long in both runs, for what is done beside
  o.requests = db.requests() - requests;
  o.hash = db.hash();
  return o;
}

void compare(bench::report& report, const load& l) {
  auto without = run(l, false), with = run(l, true);
  auto a_thousand = [](const outcome& o) { return 1'000 * static_cast<double>(o.requests) / static_cast<double>(std::max<std::uint64_t>(1, o.all.rows)); };
  auto a_second = [](const outcome& o) { return static_cast<double>(o.all.rows) / o.commits_took; };
  report.add(l.name + ": rows", static_cast<double>(with.all.rows), "");
  report.add(l.name + ": requests a 1,000 rows without a channel", a_thousand(without), "");
  report.add(l.name + ": requests a 1,000 rows with one", a_thousand(with), "");
  report.add(l.name + ": rows/s, with to without", a_second(with) / a_second(without), "");
  report.add(l.name + ": most changes that waited", static_cast<double>(with.most_waiting), "");
  report.add(l.name + ": all is shown after the last write", with.behind, "s");
  report.repeats(l.name, with.hash);
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_index_channel", !args.smoke);
  if (args.smoke) {
    load small{"8 writers", 8, 1, 5s};
    compare(report, small);
    report.repeats(small.name, run(small, true).hash);
    return report.finish(args.json_dir);
  }
  for (int writers : {1, 32, 128}) compare(report, {fmt::format("{} writers", writers), writers, 1, 60s});
  compare(report, {"8 writers, batches of 100", 8, 100, 60s});
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_index_channel", run);

}  // namespace
}  // namespace dbcord::bench_index_channel
