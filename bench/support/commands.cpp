#include "support/commands.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "actor/real_time.hpp"

namespace dbcord::bench {
namespace {

void run(const std::string& command) {
  auto log = std::filesystem::temp_directory_path() / "dbcord-bench-command.log";
  if (std::system((command + " >" + log.string() + " 2>&1").c_str()) == 0) return;
  std::ifstream text(log);
  throw std::runtime_error(fmt::format("{} failed: {}", command, std::string(std::istreambuf_iterator<char>(text), {})));
}

}  // namespace

void exec(const std::filesystem::path& dbcord, const std::filesystem::path& guild, const std::string& command) {
  run(fmt::format("{} exec --local {} '{}'", dbcord.string(), guild.string(), command));
}

double import(const std::filesystem::path& dbcord, const std::filesystem::path& guild, const std::filesystem::path& rows,
              const std::string& table) {
  actor::real_clock clock;
  auto begun = clock.now();
  run(fmt::format("{} import --local {} --database bench --table {} --key id {}", dbcord.string(), guild.string(), table,
                  rows.string()));
  return std::chrono::duration<double>(clock.now() - begun).count();
}

void write_rows(const std::filesystem::path& file, int count) {
  std::ofstream out(file);
  for (int i = 0; i < count; ++i) {
    fmt::print(out,
               "{{\"id\":\"row-{:07}\",\"name\":\"Person number {}\",\"email\":\"person{}@example.com\",\"role\":\"{}\",\"age\":{},"
               "\"score\":{}.{:02},\"note\":\"Some text that makes the row as long as rows are said to be\"}}\n",
               i, i, i, i % 3 ? "student" : "admin", 18 + i % 60, i % 100, i % 97);
  }
}

}  // namespace dbcord::bench
