#pragma once
// What every benchmark's command line has: --dbcord FILE, --json-dir DIR, --smoke; and options of its own.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>

namespace dbcord::bench {

struct arguments {
  std::filesystem::path dbcord;    // default: the program built beside this one
  std::filesystem::path json_dir;  // default: bench-results in the build directory
  bool smoke = false;              // small, for the test suite: proves that it runs, its figures mean little

  // `more` adds options. Exits with CLI11's message on bad arguments.
  arguments(int argc, char** argv, const std::function<void(CLI::App&)>& more = {}) {
    auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    dbcord = build / "dbcord";
    json_dir = build / "bench-results";
    CLI::App app("a benchmark of dbcord");
    app.add_option("--dbcord", dbcord, "the program to measure");
    app.add_option("--json-dir", json_dir, "where the JSON goes");
    app.add_flag("--smoke", smoke, "small and quick");
    if (more) more(app);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      std::exit(app.exit(e));
    }
  }
};

}  // namespace dbcord::bench
