// The program `benchmarks`: CMake makes a link to it for each benchmark, which it is when it is called by that name. bench_simulation is built from this, too.
#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "support/benchmark.hpp"

namespace dbcord::bench {
namespace {

std::map<std::string, benchmark::function>& known_benchmarks() {
  static std::map<std::string, benchmark::function> known;
  return known;
}

}  // namespace

benchmark::benchmark(std::string name, function run) { known_benchmarks().emplace(std::move(name), run); }

const std::map<std::string, benchmark::function>& benchmark::all() { return known_benchmarks(); }

}  // namespace dbcord::bench

int main(int argc, char** argv) {
  using dbcord::bench::benchmark;
  auto name = std::filesystem::path(argv[0]).filename().string();
  auto called = benchmark::all().find(name);
  if (called == benchmark::all().end()) {
    fmt::print(stderr, "{}: call one of these links to this program, which lie beside it:\n", name);
    for (const auto& [each, run] : benchmark::all()) fmt::print(stderr, "  {}\n", each);
    return 2;
  }
  try {
    return called->second(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", name, e.what());
    return 2;
  }
}
