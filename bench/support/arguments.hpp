#pragma once
// What every benchmark's command line has: --dbcord FILE, --json-dir DIR, --smoke; and options of its own.

#include <filesystem>
#include <functional>

#include "support/command_line.hpp"

namespace dbcord::bench {

struct arguments {
  std::filesystem::path dbcord;    // default: the program of the same build
  std::filesystem::path json_dir;  // default: bench-results in the build directory
  bool smoke = false;              // small, for the test suite: proves that it runs, its figures mean little

  // `more` adds options. Exits as command_line does.
  arguments(int argc, char** argv, const std::function<void(command_line&)>& more = {});
};

}  // namespace dbcord::bench
