#include "simulation/caps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/table_state.hpp"
#include "simulation/chore_workload.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::uint64_t bulk_row_bytes_least = 64;  // in the log
constexpr std::uint64_t kept_of_deletion = 48;      // by which a row's place in the history, and its message's, may take more than the row did
constexpr std::uint64_t rows_of_workloads = 20;     // of the bank, and of tables that are altered, or shown in threads
constexpr std::uint64_t usual_transaction = 1'000;  // bytes, of those of a run; imports come in addition

std::string too_much(std::string_view what, std::uint64_t held, std::uint64_t most) { return fmt::format("{} {} bytes, at most {} may be held", what, held, most); }

std::string by_table(const database::database_summary& database) {
  std::string text;
  for (const auto& t : database.tables) {
    text += fmt::format("; {}: {} in {} rows, {} older versions and {} superseded messages", t.name, t.memory, t.rows, t.past_versions, t.superseded);
  }
  return text;
}

}  // namespace

caps caps_of(const scenario& s) {
  caps all;
  auto rows = s.bulk_import ? std::min<std::uint64_t>(bulk_rows, s.group_cap / 8 / bulk_row_bytes_least) : 0;
  all.backlog = s.backlog_cap;
  all.largest_transaction = usual_transaction + rows * bulk_row_bytes;
  all.memory = s.memory_cap;
  all.memory_of_all = s.database_has_own_cap() ? 2 * s.memory_cap : s.memory_cap;
  all.pending = rows * (database::table_state::pending_overhead - database::table_state::row_overhead);
  all.deletions = kept_of_deletion * (static_cast<std::uint64_t>(s.tables * s.keys) + rows_of_workloads);
  return all;
}

std::vector<std::string> check_caps(const database::database_summary& database, const database::memory_figures& memory, const caps& promised) {
  std::vector<std::string> violations;
  auto most = promised.memory + promised.pending + promised.deletions;
  if (database.queued_bytes > promised.backlog + promised.largest_transaction) {
    violations.push_back(fmt::format("{} bytes of {} wait for the log, at most {} may", database.queued_bytes, database.name, promised.backlog));
  }
  if (memory.used > most) violations.push_back(too_much(fmt::format("the account of {} shows", database.name), memory.used, promised.memory) + by_table(database));
  std::uint64_t by_tables = 0;
  for (const auto& t : database.tables) by_tables += t.memory;
  if (by_tables > most) violations.push_back(too_much(fmt::format("the tables of {} hold", database.name), by_tables, promised.memory) + by_table(database));
  return violations;
}

actor::task<std::vector<std::string>> look_at_caps(database::engine& engine, caps promised, base::steady_time deadline) {
  std::vector<std::string> violations;
  auto all = engine.administration().memory();
  if (all.used > promised.memory_of_all + promised.pending + promised.deletions) violations.push_back(too_much("all databases hold", all.used, promised.memory_of_all));
  for (const auto& name : engine.databases()) {
    database::read_context context{deadline};
    auto summary = co_await engine.inspect(name, context);
    auto figures = co_await engine.administration().figures(name, context);
    if (!summary || !figures) continue;  // cut off, or just dropped
    for (auto& what : check_caps(*summary, figures->memory, promised)) violations.push_back(std::move(what));
  }
  co_return violations;
}

}  // namespace dbcord::simulation
