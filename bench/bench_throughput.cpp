// Durable rows a second and commit latency through the whole stack, in virtual time under Discord's limits, 50 ms away.
#include <fmt/format.h>

#include "actor/event.hpp"
#include "actor/real_time.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_throughput {
namespace {

using namespace std::chrono_literals;

struct load {
  std::string name;
  int writers = 1;
  int tables = 1;
  int indexes = 0;
  std::size_t row_bytes = 200;
  std::size_t batch = 1;         // rows a call; above 1 by import()
  base::duration length = 30s;
  base::duration pause{};        // of a writer between two calls
};

struct measured {
  std::vector<double> latencies_ms;  // of calls
  std::uint64_t rows = 0, refused = 0;
  std::string refusal;
  std::uint64_t next_row = 0;
  base::steady_time end;
};

actor::task<void> write_one(bench::virtual_database& db, const load& l, std::string table, measured& into) {
  auto id = into.next_row++;
  database::new_row row{{}, bench::row_json(id, l.row_bytes)};
  auto context = db.writing();
  auto done = co_await db.engine().insert("bench", std::move(table), std::move(row), std::move(context));
  if (done) {
    ++into.rows;
  } else {
    ++into.refused;
    into.refusal = done.error().message;
  }
}

actor::task<void> write_batch(bench::virtual_database& db, const load& l, std::string table, measured& into) {
  std::vector<database::new_row> rows;
  for (std::size_t i = 0; i < l.batch; ++i) rows.push_back({{}, bench::row_json(into.next_row++, l.row_bytes)});
  auto context = db.writing();
  auto done = co_await db.engine().import("bench", std::move(table), std::move(rows), std::move(context));
  if (!done) {
    into.refused += l.batch;
    into.refusal = done.error().message;
    co_return;
  }
  into.rows += done->accepted;
  into.refused += done->refused.size();
  if (!done->refused.empty()) into.refusal = done->refused.front().reason;
}

actor::task<void> write_on(bench::virtual_database& db, const load& l, int writer, measured& into) {
  auto table = fmt::format("t{}", writer % l.tables);
  while (db.world().now() < into.end && into.refusal.empty()) {
    auto begun = db.world().now();
    if (l.batch > 1) {
      co_await write_batch(db, l, table, into);
    } else {
      co_await write_one(db, l, table, into);
    }
    into.latencies_ms.push_back(std::chrono::duration<double, std::milli>(db.world().now() - begun).count());
    if (l.pause > base::duration::zero()) co_await actor::sleep_for(db.env(), l.pause);
  }
}

struct outcome {
  double rows_a_second = 0, p50 = 0, p99 = 0, requests_a_row = 0, drained = 0, processing = 0, memory = 0;
  std::uint64_t hash = 0;
  measured all;
};

outcome run(const load& l, std::size_t memory_cap, base::duration most_drain) {
  auto options = bench::virtual_database::default_options();
  options.memory_cap = memory_cap;
  bench::virtual_database db(options);
  db.start();
  db.create(l.tables, l.indexes);
  db.world().run_for(1min);
  actor::real_clock clock;
  auto real = clock.now();
  auto begun = db.world().now();
  auto requests = db.requests();
  outcome o;
  o.all.end = db.world().now() + l.length;
  db.run(bench::run_writers(db, l.writers, [&](int writer) { return write_on(db, l, writer, o.all); }));
  auto took = std::chrono::duration<double>(db.world().now() - begun).count();
  o.processing = std::chrono::duration<double>(clock.now() - real).count();
  o.drained = std::chrono::duration<double>(db.drain(most_drain)).count();
  o.rows_a_second = static_cast<double>(o.all.rows) / took;
  o.requests_a_row = static_cast<double>(db.requests() - requests) / static_cast<double>(std::max<std::uint64_t>(1, o.all.rows));
  o.p50 = bench::percentile(o.all.latencies_ms, 0.5);
  o.p99 = bench::percentile(o.all.latencies_ms, 0.99);
  for (const auto& t : db.inspect().tables) o.memory += static_cast<double>(t.memory);
  o.hash = db.hash();
  return o;
}

void show(bench::report& report, const load& l, const outcome& o) {
  report.add(l.name + ": rows/s", o.rows_a_second, "rows/s");
  for (int percent : {10, 25, 50, 75, 90, 95, 99, 100}) {
    report.add(fmt::format("{}: P{}", l.name, percent), bench::percentile(o.all.latencies_ms, percent / 100.0), "ms");
  }
  report.add(l.name + ": requests a row, until materialised", o.requests_a_row, "");
  report.add(l.name + ": materialised after", o.drained, "s");
  if (o.all.refused > 0) fmt::print("{}: {} rows refused: {}\n", l.name, o.all.refused, o.all.refusal);
}

std::vector<load> loads(bool small) {
  if (small) return {{"8 writers", 8, 1, 0, 200, 1, 5s, {}}, {"2 importers", 2, 2, 1, 200, 100, 5s, {}}};
  std::vector<load> all;
  for (int writers : {1, 8, 32, 128}) all.push_back({fmt::format("{} writers", writers), writers, 1, 0, 200, 1, 30s, {}});
  all.push_back({"32 writers, 100 B", 32, 1, 0, 100, 1, 30s, {}});
  all.push_back({"32 writers, 1 KiB", 32, 1, 0, 1024, 1, 30s, {}});
  all.push_back({"32 writers, 10 KiB", 32, 1, 0, 10'240, 1, 30s, {}});
  all.push_back({"32 writers, 2 indexes", 32, 1, 2, 200, 1, 30s, {}});
  all.push_back({"40 writers, 20 tables", 40, 20, 0, 200, 1, 30s, {}});
  all.push_back({"8 writers, batches of 100", 8, 1, 0, 200, 100, 30s, {}});
  all.push_back({"4 importers, 5,000 rows a call", 4, 1, 0, 200, 5'000, 30s, {}});
  return all;
}

void measure_sustained(bench::report& report) {
  load sustained{"sustained, 256 MiB", 20, 1, 0, 200, 1'000, 3min, {}};
  auto o = run(sustained, 256 * 1024 * 1024, 60s);
  auto asked = static_cast<double>(o.all.rows) / 180;  // a run that was refused counts as ended, not as shorter
  report.above("sustained three minutes, 256 MiB: rows/s", asked, "rows/s", 10'000);
  report.add("sustained: rows until the first refusal", static_cast<double>(o.all.rows), "rows");
  report.add("sustained: rows/s until then", o.rows_a_second, "rows/s");
  report.below("sustained: P99", o.p99, "ms", 2'000);
  report.below("sustained: materialised after the end", o.drained, "s", 60);
  report.add("sustained: processor time", o.processing, "s");
  report.below("sustained: rows' memory at the end", o.memory / 1024 / 1024, "MiB", 256);
  if (o.all.refused > 0) fmt::print("sustained: {}\n", o.all.refusal);
}

int run(int argc, char** argv) {
  bool sustained_alone = false;
  bench::arguments args(argc, argv, [&](bench::command_line& line) { line.flag("--sustained", sustained_alone, "only the three minutes of sustained load"); });
  bench::report report(sustained_alone ? "bench_throughput_sustained" : "bench_throughput", !args.smoke);
  if (sustained_alone) {
    measure_sustained(report);
    return report.finish(args.json_dir);
  }
  constexpr std::size_t plenty = std::size_t{4} * 1024 * 1024 * 1024;
  for (const auto& l : loads(args.smoke)) {
    auto o = run(l, plenty, args.smoke ? 1min : 10min);
    show(report, l, o);
    report.repeats(l.name, o.hash);
    if (args.smoke) report.repeats(l.name, run(l, plenty, 1min).hash);
  }
  if (args.smoke) return report.finish(args.json_dir);

  auto idle = run({"one writer, idle log", 1, 1, 0, 200, 1, 2min, 2s}, plenty, 1min);
  report.below("one writer, idle log: P50", idle.p50, "ms", 1.1 * 50 + 0.001);
  measure_sustained(report);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_throughput", run);

}  // namespace
}  // namespace dbcord::bench_throughput
