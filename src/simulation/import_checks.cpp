#include "simulation/import_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/reply_reader.hpp"

namespace dbcord::simulation {
namespace {

bool shows_value(const logged_version& v, std::int64_t value) {
  auto row = v.json ? parse_row(*v.json) : std::nullopt;
  auto shown = row ? row->fields.find("v") : row_fields::iterator();
  return row && shown != row->fields.end() && shown->second == value;
}

}  // namespace

import_figures count_imports(const std::vector<told_import>& imports) {
  import_figures all;
  all.answered = imports.size();
  for (const auto& i : imports) {
    if (i.outcome != operation_outcome::unknown) continue;
    ++(i.no_others ? all.in_part : all.in_doubt);
  }
  return all;
}

std::vector<std::string> check_imports(const std::vector<told_import>& imports, const logged_content& logged, const std::set<std::string>& counting) {
  std::vector<std::string> violations;
  for (const auto& import : imports) {
    auto table = logged.tables.find(import.table);
    std::uint64_t in = 0;
    for (const auto& [key, value] : import.rows) {
      if (table == logged.tables.end()) break;
      auto versions = logged.rows.find({table->second.first, key});
      if (versions == logged.rows.end()) continue;
      in += std::any_of(versions->second.begin(), versions->second.end(), [&, value = value](const auto& v) { return counting.contains(v.record) && shows_value(v, value); });
    }
    if (in == import.imported || (in > import.imported && !import.no_others)) continue;
    violations.push_back(fmt::format("of an import of {} rows into {} the answer says that {}{} are in, and {} are (the first row: {} with v {}; {})", import.rows.size(), import.table,
                                     import.no_others ? "" : "at least ", import.imported, in, import.rows.empty() ? "none" : import.rows.front().first,
                                     import.rows.empty() ? 0 : import.rows.front().second, import.told.empty() ? "imported" : import.told));
  }
  return violations;
}

}  // namespace dbcord::simulation
