// Bytes per row that an engine holds: what the allocator gets back when it goes, so nothing is estimated.
#include <fmt/format.h>
#include <malloc.h>

#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"
#include "support/virtual_database.hpp"

namespace dbcord::bench_memory {
namespace {

double allocated() {
  auto info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// Rows differ by up to 15 bytes, since the allocator rounds to 16: with one length alone the figure would depend on which.
constexpr std::size_t spread = 16;

// Bytes that the process with the engine held; rows of `row_bytes` on average.
double engine_bytes(std::uint64_t rows, int indexes, std::size_t row_bytes) {
  auto options = bench::virtual_database::default_options();
  options.memory_cap = std::size_t{4} * 1024 * 1024 * 1024;
  bench::virtual_database db(options);
  db.start();
  db.create(1, indexes);
  for (std::uint64_t done = 0; done < rows;) {
    std::vector<database::new_row> part;
    for (int i = 0; i < 5'000 && done < rows; ++i, ++done) part.push_back({{}, bench::row_json(done, row_bytes - spread / 2 + done % spread)});
    auto report = db.run(db.engine().import("bench", "t0", std::move(part), db.writing()));
    if (!report || !report->refused.empty()) throw std::runtime_error("import failed");
  }
  db.drain(std::chrono::minutes(2));
  db.world().run_for(std::chrono::minutes(1));  // a checkpoint that is being written is none of the rows' memory
  auto before = allocated();
  db.kill();
  return before - allocated();
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_memory", !args.smoke);
  std::uint64_t few = args.smoke ? 100 : 1'000, many = args.smoke ? 1'100 : 51'000;
  auto per_row = [&](int indexes, std::size_t bytes) {
    return (engine_bytes(many, indexes, bytes) - engine_bytes(few, indexes, bytes)) / static_cast<double>(many - few);
  };
  auto small = per_row(0, 80);
  auto plain = per_row(0, 200);
  report.add("a row of 80 bytes", small, "B");
  report.add("a row of 200 bytes", plain, "B");
  report.add("a row of 1 KiB", per_row(0, 1024), "B");
  report.add("an index entry", per_row(1, 200) - plain, "B");
  // Values lie in memory together with the directory: a row without its own bytes, of which there are half a byte less than half the spread.
  constexpr double half = 0.5;
  report.below("directory and location, value apart", small - (80 - half), "B", 64.001);
  report.below("directory and location, value apart, rows of 200 bytes", plain - (200 - half), "B", 64.001);
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_memory", run);

}  // namespace
}  // namespace dbcord::bench_memory
