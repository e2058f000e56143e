#pragma once
// benchmark: one of those in the program `benchmarks`, told by the name that the program is called by. All are in one program since each would
// instantiate and link the same things again.

#include <map>
#include <string>

namespace dbcord::bench {

struct benchmark {
  using function = int (*)(int argc, char** argv);  // its exit status

  // Each bench_*.cpp has one, as a constant of its own.
  benchmark(std::string name, function run);

  static const std::map<std::string, function>& all();
};

}  // namespace dbcord::bench
