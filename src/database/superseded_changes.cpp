#include "database/superseded_changes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace dbcord::database {
namespace {

// Of one table: the rows that were found and are newer than the log's beginning, and the chains of all its keys.
struct foldable_table {
  std::map<std::string, std::uint64_t> newest;  // LSNs by key
  std::map<std::string, protocol::image_chain> chains;
  std::vector<base::message_id> garbage;
};

foldable_table take_chains(loaded_table& table, std::uint64_t first_lsn) {
  foldable_table out;
  for (const auto& row : table.rows) {
    if (row.lsn > first_lsn) out.newest.emplace(row.key, row.lsn);
  }
  if (out.newest.empty() || !table.history) return out;
  for (auto& chain : table.history->chains) out.chains.emplace(chain.key, std::move(chain));
  table.history->chains.clear();
  return out;
}

void put_back(loaded_table& table, foldable_table&& folded) {
  if (!table.history) return;
  for (auto& [key, chain] : folded.chains) {
    if (!chain.versions.empty()) table.history->chains.push_back(std::move(chain));
  }
  table.garbage.insert(table.garbage.end(), folded.garbage.begin(), folded.garbage.end());
  std::sort(table.garbage.begin(), table.garbage.end());
}

void add_past(foldable_table& table, const std::string& key, protocol::image_past past) {
  auto [it, fresh] = table.chains.try_emplace(key, protocol::image_chain{key, past.lsn, {}});
  auto& chain = it->second;
  if (!fresh) chain.forgotten_to = std::min(chain.forgotten_to, past.lsn);
  auto before = [](const auto& a, const auto& b) { return std::pair(a.lsn, a.version) < std::pair(b.lsn, b.version); };
  auto at = std::upper_bound(chain.versions.begin(), chain.versions.end(), past, before);
  chain.versions.insert(at, past);
}

// The messages go as those of superseded versions do; pages lose what is in no chain when they are written anew.
void erase_before(foldable_table& table, const std::string& key, std::uint64_t lsn) {
  auto it = table.chains.find(key);
  if (it == table.chains.end()) return;
  auto& chain = it->second;
  auto kept = std::find_if(chain.versions.begin(), chain.versions.end(), [lsn](const auto& v) { return v.lsn >= lsn; });
  for (auto v = chain.versions.begin(); v != kept; ++v) {
    if (v->row_message && v->part == 0) table.garbage.push_back(v->row_message);
  }
  chain.versions.erase(chain.versions.begin(), kept);
  chain.forgotten_to = std::max(chain.forgotten_to, lsn);
}

bool fold(foldable_table& table, const protocol::operation& op, const recovered_group& group) {
  auto superseded = [&](const std::string& key) {
    auto newest = table.newest.find(key);
    return newest != table.newest.end() && newest->second > group.lsn;
  };
  if (const auto* put = std::get_if<protocol::put_row>(&op); put && superseded(put->key)) {
    add_past(table, put->key, {put->version, group.lsn, group.message, {}, false, 0});
    return true;
  }
  const auto* del = std::get_if<protocol::delete_row>(&op);
  if (!del || !superseded(del->key)) return false;
  if (del->erase) erase_before(table, del->key, group.lsn);
  add_past(table, del->key, {del->version, group.lsn, group.message, {}, true, 0});
  return true;
}

}  // namespace

void fold_superseded(std::vector<recovered_group>& groups, loaded_image& found) {
  if (groups.empty()) return;
  std::map<protocol::table_id, foldable_table> tables;
  for (auto& [id, table] : found.tables) tables.emplace(id, take_chains(table, groups.front().lsn));
  for (auto& group : groups) {
    auto folds = [&](const protocol::operation& op) {
      auto id = std::visit([](const auto& o) { return o.table; }, op);
      auto table = tables.find(id);
      return table != tables.end() && fold(table->second, op, group);
    };
    for (auto& transaction : group.transactions) std::erase_if(transaction.operations, folds);
  }
  for (auto& [id, table] : tables) put_back(found.tables.at(id), std::move(table));
}

}  // namespace dbcord::database
