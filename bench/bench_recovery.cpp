// Start-up after kill -9: requests, virtual time and processor time for databases of several sizes, and for ten tables with 10,000 rows
// behind the newest checkpoint, 50 ms from Discord.
#include <fmt/format.h>

#include <array>
#include <map>

#include "actor/real_time.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_recovery {
namespace {

void fill(bench::virtual_database& db, std::uint64_t rows) {
  for (std::uint64_t done = 0; done < rows;) {
    std::vector<database::new_row> part;
    for (int i = 0; i < 10'000 && done < rows; ++i) part.push_back({{}, bench::row_json(done++, 200)});
    auto report = db.run(db.engine().import("bench", "t0", std::move(part), db.writing()));
    if (!report || !report->refused.empty()) throw std::runtime_error("import failed");
  }
}

struct opened {
  std::uint64_t requests;
  double waited, processing;
  std::uint64_t rows, hash;
};

opened measure(std::uint64_t rows) {
  auto options = bench::virtual_database::default_options();
  options.memory_cap = std::size_t{8} * 1024 * 1024 * 1024;
  bench::virtual_database db(options);
  db.start();
  db.create(1, 0);
  fill(db, rows);
  db.world().run_for(std::chrono::minutes(10));  // for checkpoints, if any, to be written
  db.kill();
  actor::real_clock clock;
  auto real = clock.now();
  auto begun = db.world().now();
  auto requests = db.requests();
  db.start();
  opened o;
  o.requests = db.requests() - requests;
  o.waited = std::chrono::duration<double>(db.world().now() - begun).count();
  o.processing = std::chrono::duration<double>(clock.now() - real).count();
  o.rows = db.inspect().tables.at(0).rows;
  o.hash = db.hash();
  return o;
}

// Ten tables, 10,000 rows in the log behind the newest checkpoint, then kill -9; no rate limits. 50 ms away from the guild, farther than a local one is.
// What is written meanwhile, beside the log: nothing; deltas only, as usual where the base is too large for a checkpoint (a share of it that no log reaches);
// checkpoints as usual (checkpoint_options): then fewer rows are behind the newest.
struct tail_case {
  std::string name;
  int writers = 1;        // at once
  std::uint64_t batch = 1;  // rows a call; above 1 by import()
  bool leased = false;    // waits for the dead writer's lease, as where no lock keeps others out
  enum class meanwhile { nothing, deltas, checkpoints } written = meanwhile::nothing;
};

constexpr std::uint64_t tail_tables = 10;

actor::task<void> write_tail(bench::virtual_database& db, const tail_case& c, std::uint64_t rows, std::uint64_t& next) {
  while (next < rows) {
    auto first = std::exchange(next, next + c.batch);
    auto table = fmt::format("t{}", first / c.batch % tail_tables);
    std::vector<database::new_row> part;
    for (auto i = first; i < first + c.batch; ++i) part.push_back({{}, bench::row_json(i, 200)});
    auto context = db.writing();
    if (c.batch == 1) {
      auto done = co_await db.engine().insert("bench", std::move(table), std::move(part.front()), std::move(context));
      if (!done) throw std::runtime_error(done.error().message);
    } else {
      auto done = co_await db.engine().import("bench", std::move(table), std::move(part), std::move(context));
      if (!done || !done->refused.empty()) throw std::runtime_error("import failed");
    }
  }
}

struct opened_tail {
  double requests = 0, ready = 0, processing = 0, log_messages = 0;
  std::map<std::string, int> asked;  // kinds of requests of the opening
  double later_requests = 0, later = 0;  // until all is in messages of its own again
  std::uint64_t hash = 0;
};

// "GET /channels/…/messages" of a request's line in the trace; empty for any other line.
std::string kind_of_request(std::string_view line) {
  auto begin = line.find(" bot #");
  if (begin == line.npos) return {};
  std::string kind;
  for (auto word : {"GET ", "POST ", "PUT ", "PATCH ", "DELETE "}) {
    auto at = line.find(word, begin);
    if (at == line.npos) continue;
    bool digits = false;
    for (char c : line.substr(at, line.find_first_of(" ?", at + std::string_view(word).size()) - at)) {
      bool digit = c >= '0' && c <= '9';
      if (!digit || !digits) kind += digit ? '#' : c;
      digits = digit;
    }
    return kind;
  }
  return {};
}

void make_tail(bench::virtual_database& db, const tail_case& c, std::uint64_t rows) {
  db.start();
  db.create(tail_tables, 0);
  auto base = std::max<std::uint64_t>(tail_tables * 10, rows / 10);
  tail_case filling{"", 10, base / tail_tables, false, tail_case::meanwhile::nothing};
  std::uint64_t next = 0;
  db.run(bench::run_writers(db, filling.writers, [&](int) { return write_tail(db, filling, base, next); }));
  db.drain(std::chrono::hours(1));
  db.stop();
  const auto usual = db.options().checkpoints;
  db.options().checkpoints.enabled = c.written != tail_case::meanwhile::nothing;
  if (c.written == tail_case::meanwhile::deltas) db.options().checkpoints.share = 0;
  db.start();
  next = base;
  db.run(bench::run_writers(db, c.writers, [&](int) { return write_tail(db, c, base + rows, next); }));
  db.kill();
  db.options().checkpoints = usual;
}

opened_tail measure(const tail_case& c, std::uint64_t rows) {
  guild::core_options guild;
  guild.rate_limits = false;
  auto options = bench::virtual_database::default_options();
  options.exclusive_by_lock = !c.leased;
  bench::virtual_database db(options, guild);
  make_tail(db, c, rows);
  opened_tail o;
  db.guild().on_line = [&](std::string_view line) {
    auto kind = kind_of_request(line);
    if (!kind.empty()) ++o.asked[kind];
  };
  actor::real_clock clock;
  auto real = clock.now();
  auto begun = db.world().now();
  auto requests = db.requests();
  db.start();
  db.guild().on_line = {};
  o.requests = static_cast<double>(db.requests() - requests);
  o.ready = std::chrono::duration<double>(db.world().now() - begun).count();
  o.processing = std::chrono::duration<double>(clock.now() - real).count();
  auto now = db.inspect();
  std::uint64_t found = 0;
  for (const auto& t : now.tables) found += t.rows;
  if (found != rows + std::max<std::uint64_t>(tail_tables * 10, rows / 10)) throw std::runtime_error(fmt::format("{} rows came back", found));
  if (now.opened_from_lsn == 0 || (now.log_tail == 0 && c.written != tail_case::meanwhile::checkpoints)) throw std::runtime_error("there is no tail behind a checkpoint: nothing was measured");
  o.log_messages = static_cast<double>(now.log_tail);
  requests = db.requests();
  o.later = std::chrono::duration<double>(db.drain(std::chrono::hours(1))).count();
  o.later_requests = static_cast<double>(db.requests() - requests);
  o.hash = db.hash();
  return o;
}

void measure_tail(bench::report& report, tail_case c, bool small) {
  std::uint64_t rows = small ? 500 : 10'000;
  if (small && c.batch > 1) c.batch = rows / tail_tables;
  auto o = measure(c, rows);
  auto options = bench::virtual_database::default_options();
  // What the writer rules demand (protocol/writer_rules.hpp): the lease, the staleness and the second that a Date is rounded by.
  double lease = c.leased ? std::chrono::duration<double>(options.lease + options.staleness + std::chrono::seconds(1)).count() : 0;
  constexpr std::array titles{"behind it", "and deltas", "and checkpoints"};
  auto name = fmt::format("10 tables, {} rows {}, {}", rows, titles[static_cast<std::size_t>(c.written)], c.name);
  report.add(name + ": log messages", o.log_messages, "");
  bool each_by_itself = c.written == tail_case::meanwhile::nothing && c.batch == 1;  // what deltas are for
  if (each_by_itself) report.add(name + ": requests", o.requests, "");
  else report.below(name + ": requests", o.requests, "", 21);
  report.below(name + (c.leased ? ": ready, beyond the lease" : ": ready"), o.ready - lease + o.processing, "s", 2);
  report.add(name + ": requests afterwards, until materialised", o.later_requests, "");
  report.add(name + ": materialised after", o.later, "s");
  for (const auto& [kind, count] : o.asked) fmt::print("{}: {} x {}\n", name, count, kind);
  report.repeats(name, o.hash);
  if (small) report.repeats(name, measure(c, rows).hash);
}

int run(int argc, char** argv) {
  std::vector<std::uint64_t> sizes{1'000, 10'000, 100'000, 1'000'000};
  bench::arguments args(argc, argv, [&](bench::command_line& line) { line.option("--rows", sizes, "sizes of the database"); });
  if (args.smoke) sizes = {500};
  bench::report report("bench_recovery", !args.smoke);
  for (auto rows : sizes) {
    auto o = measure(rows);
    if (o.rows != rows) throw std::runtime_error(fmt::format("{} of {} rows came back", o.rows, rows));
    auto name = fmt::format("{} rows", rows);
    if (rows >= 1'000'000) {
      report.below(name + ": requests", static_cast<double>(o.requests), "", 21);
      report.below(name + ": processor time, guild included", o.processing, "s", 3);
    } else {
      if (rows >= 100'000) report.below(name + ": requests", static_cast<double>(o.requests), "", 11);
      else report.add(name + ": requests", static_cast<double>(o.requests), "");
      report.add(name + ": processor time, guild included", o.processing, "s");
    }
    report.add(name + ": until open", o.waited, "s");
    report.repeats(name, o.hash);
    if (args.smoke) report.repeats(name, measure(rows).hash);
  }
  for (bool leased : {false, true}) {
    std::string after = leased ? ", lease" : "";
    using enum tail_case::meanwhile;
    measure_tail(report, {"imports" + after, 10, 1'000, leased, nothing}, args.smoke);
    measure_tail(report, {"128 writers" + after, 128, 1, leased, nothing}, args.smoke);
    measure_tail(report, {"128 writers" + after, 128, 1, leased, deltas}, args.smoke);
    measure_tail(report, {"128 writers" + after, 128, 1, leased, checkpoints}, args.smoke);
  }
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_recovery", run);

}  // namespace
}  // namespace dbcord::bench_recovery
