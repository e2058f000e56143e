#pragma once
// version_checks: superseded versions of rows are there behind a restart, with the values that they had. Of each table some rows are looked at, since every
// version costs a read. One thread (the world's).

#include <map>

#include "simulation/store_checks.hpp"

namespace dbcord::simulation {

struct known_version {
  std::string table;
  std::string key;
  std::uint64_t lsn = 0;
  std::uint64_t version = 0;
  auto operator<=>(const known_version&) const = default;
};
using known_versions = std::map<known_version, std::string>;  // what each was

// Of some rows of each table the newest versions, the present one included; the bot must be ready. A history that cannot be read is a violation.
known_versions some_versions(world& w, supervisor& bot, const std::vector<table_content>& tables, std::vector<std::string>& violations);
// What is known before is known after; more may come back.
std::vector<std::string> compare_versions(const known_versions& before, const known_versions& after);

}  // namespace dbcord::simulation
