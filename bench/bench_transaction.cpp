// What a transaction over two tables costs beside a single row: requests a commit at the same concurrency, in virtual time under Discord's limits,
// 50 ms away. Those of the log are what a commit costs; those of the tables write rows into messages of their own, later, and are told apart.
#include <fmt/format.h>

#include <algorithm>

#include "database/row_operation.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_transaction {
namespace {

using namespace std::chrono_literals;

struct load {
  std::string name;
  int writers = 32;
  std::uint64_t commits = 0;
  bool transactions = false;  // one row in each of both tables; else one row in one of them
};

database::row_operation insertion(std::uint64_t table, std::uint64_t row) {
  database::row_operation step;
  step.action = database::row_action::insert;
  step.table = fmt::format("t{}", table);
  step.json = bench::row_json(row, 200);
  return step;
}

actor::task<void> commit_one(bench::virtual_database& db, bool transaction, std::uint64_t number) {
  auto context = db.writing();
  std::string failure;
  if (transaction) {
    std::vector<database::row_operation> steps;
    for (std::uint64_t table : {0, 1}) steps.push_back(insertion(table, number));
    auto done = co_await db.engine().transact("bench", std::move(steps), std::move(context));
    if (!done) failure = done.error().message;
  } else {
    auto step = insertion(number % 2, number);
    database::new_row row{{}, std::move(step.json)};
    auto done = co_await db.engine().insert("bench", std::move(step.table), std::move(row), std::move(context));
    if (!done) failure = done.error().message;
  }
  if (!failure.empty()) throw std::runtime_error(failure);
}

actor::task<void> write_on(bench::virtual_database& db, const load& l, std::uint64_t& next) {
  while (next < l.commits) co_await commit_one(db, l.transactions, next++);
}

struct outcome {
  double log = 0, checks = 0, tables = 0, other = 0;  // requests a commit: records, what looks at the log's and the claims' channels, rows' messages
  double seconds = 0;                                 // until the last commit
  std::uint64_t hash = 0;
};

outcome run(const load& l) {
  bench::virtual_database db;
  db.start();
  db.create(2, 0);
  db.world().run_for(1min);
  auto before = db.inspect();
  auto log = "/channels/" + before.log_channel.str() + "/";
  std::vector<std::string> tables;
  for (const auto& t : before.tables) tables.push_back("/channels/" + t.channel.str() + "/");
  outcome o;
  db.guild().on_line = [&](std::string_view line) {
    if (line.find(" bot #") == line.npos) return;
    auto target = line.substr(0, line.find('{'));  // without the body
    auto is_of = [&](const std::string& channel) { return target.find(channel) != target.npos; };
    if (is_of(log)) {
      ++(target.find(" POST ") != target.npos ? o.log : o.checks);
    } else {
      ++(std::any_of(tables.begin(), tables.end(), is_of) ? o.tables : o.other);
    }
  };
  auto begun = db.world().now();
  std::uint64_t next = 0;
  db.run(bench::run_writers(db, l.writers, [&](int) { return write_on(db, l, next); }));
  o.seconds = std::chrono::duration<double>(db.world().now() - begun).count();
  db.drain(1h);
  db.guild().on_line = {};
  for (auto figure : {&o.log, &o.checks, &o.tables, &o.other}) *figure /= static_cast<double>(l.commits);
  o.hash = db.hash();
  return o;
}

void show(bench::report& report, const load& l, const outcome& o) {
  report.add(l.name + ": log messages a commit", o.log, "");
  report.add(l.name + ": other requests a commit", o.checks + o.other, "");
  report.add(l.name + ": rows' messages, requests a commit", o.tables, "");
  report.add(l.name + ": commits/s", static_cast<double>(l.commits) / o.seconds, "");
  report.repeats(l.name, o.hash);
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_transaction", !args.smoke);
  std::vector<int> crowds{1, 32, 128};
  if (args.smoke) crowds = {8};
  for (int writers : crowds) {
    auto commits = static_cast<std::uint64_t>(writers) * (args.smoke ? 5 : 30);
    load single{fmt::format("{} writers, single rows", writers), writers, commits, false};
    load both{fmt::format("{} writers, transactions over two tables", writers), writers, commits, true};
    auto a = run(single), b = run(both);
    show(report, single, a);
    show(report, both, b);
    report.below(fmt::format("{} writers: log messages, transactions / single rows", writers), b.log / a.log, "", 1.001);
    report.below(fmt::format("{} writers: all but rows' messages, transactions / single rows", writers), (b.log + b.checks + b.other) / (a.log + a.checks + a.other),
                 "", 1.05);
    if (args.smoke) report.repeats(both.name, run(both).hash);
  }
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_transaction", run);

}  // namespace
}  // namespace dbcord::bench_transaction
