#pragma once
// For the files that define what table_state decides about rules: a refusal, and the rows present that stand in the way of a new rule. Pure.

#include <optional>
#include <string>

#include "database/table_state.hpp"

namespace dbcord::database {

struct rows_in_the_way {
  static constexpr std::size_t examples_shown = 3;
  std::size_t count = 0;
  std::string examples;
  std::optional<ticket> rests_on;
  std::vector<std::string> unknown;  // rows whose values are not in memory, and that nobody has looked at

  // What was found out about a row whose value is not in memory.
  void add_evicted(const std::string& key, std::uint64_t lsn, const table_state::evicted_rows_check& looked_at) {
    if (lsn > looked_at.to_lsn) unknown.push_back(key);
    auto known = looked_at.bad.find(key);
    if (known != looked_at.bad.end() && known->second.first == lsn) add("row \"" + key + "\": " + known->second.second, {});
  }
  void add(const std::string& example, std::optional<ticket> pending) {
    if (++count <= examples_shown) examples += (examples.empty() ? "" : "; ") + example;
    if (pending) rests_on = pending;
  }
};

inline decision refuse(errc code, std::string sentence, std::optional<ticket> rests_on = std::nullopt) {
  return {std::nullopt, base::error(code, std::move(sentence)), rests_on};
}

template <class Visit>
void table_state::each_effective(Visit visit) const {
  for (const auto& [key, row] : rows_) {
    auto now = effective_row(key);
    if (now.exists) visit(std::string(key), now);
  }
  for (const auto& [key, versions] : pending_) {
    if (rows_.contains(key)) continue;
    auto now = effective_row(key);
    if (now.exists) visit(key, now);
  }
}

}  // namespace dbcord::database
