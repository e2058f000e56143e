#include "support/arguments.hpp"

namespace dbcord::bench {

arguments::arguments(int argc, char** argv, const std::function<void(command_line&)>& more) {
  auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  dbcord = build / "dbcord";
  json_dir = build / "bench-results";
  command_line line("a benchmark of dbcord");
  line.option("--dbcord", dbcord, "the program to measure");
  line.option("--json-dir", json_dir, "where the JSON goes");
  line.flag("--smoke", smoke, "small and quick");
  if (more) more(line);
  line.parse(argc, argv);
}

}  // namespace dbcord::bench
