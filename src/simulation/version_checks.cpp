#include "simulation/version_checks.hpp"

#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::size_t rows_looked_at = 4;       // of each table
constexpr std::size_t versions_looked_at = 20;  // of each of those
constexpr base::duration reading_limit = std::chrono::minutes(5);

}  // namespace

known_versions some_versions(world& w, supervisor& bot, const std::vector<table_content>& tables, std::vector<std::string>& violations) {
  known_versions known;
  for (const auto& table : tables) {
    std::size_t step = table.rows.size() / rows_looked_at + 1, at = 0;
    for (const auto& [key, row] : table.rows) {
      if (at++ % step != 0) continue;
      database::read_context context{w.now() + reading_limit};
      database::history_request newest{key, versions_looked_at};
      auto found = w.run(*bot.where(), bot.program()->engine()->history(std::string(database_name), table.name, std::move(newest), context));
      if (!found) {
        violations.push_back(fmt::format("{}/{}: its history cannot be read: {}", table.name, key, found.error().message));
        continue;
      }
      for (const auto& c : found->changes) {
        if (c.lost.empty()) known[{table.name, key, c.lsn, c.version}] = c.deleted ? "deleted" : c.json;
        else if (c.lost.find(" is lost: ") == c.lost.npos) violations.push_back(fmt::format("{}/{}: {}", table.name, key, c.lost));
      }
    }
  }
  return known;
}

std::vector<std::string> compare_versions(const known_versions& before, const known_versions& after) {
  std::vector<std::string> violations;
  for (const auto& [which, what] : before) {
    auto now = after.find(which);
    if (now != after.end() && now->second == what) continue;
    violations.push_back(fmt::format("{}/{}: version {} of LSN {} was {}, and is {} behind a restart", which.table, which.key, which.version, which.lsn, what,
                                     now == after.end() ? "nothing" : now->second));
  }
  return violations;
}

}  // namespace dbcord::simulation
