#include "database/lost_rows.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "database/log_opening.hpp"

namespace dbcord::database {

void rows_of_lost_records::add(protocol::table_id table, const page_place& row, std::string_view json, base::message_id message) {
  auto [it, first] = records.try_emplace(row.lsn, of_record{message, {}});
  it->second.oldest = std::min(it->second.oldest, message);
  it->second.json.try_emplace(std::tuple(table, row.key, row.version), json);
}

std::uint64_t rows_of_lost_records::versions() const {
  std::uint64_t all = 0;
  for (const auto& [lsn, record] : records) all += record.json.size();
  return all;
}

void add_found(std::vector<recovered_group>& groups, std::map<std::uint64_t, rows_of_lost_records::of_record>&& found) {
  std::vector<recovered_group> added;
  for (auto& [lsn, record] : found) {
    protocol::transaction all;
    for (auto& [row, json] : record.json) {
      const auto& [table, key, version] = row;
      all.operations.push_back(protocol::put_row{table, key, version, std::move(json)});
    }
    recovered_group group{lsn, record.oldest, {}};
    group.transactions.push_back(std::move(all));
    added.push_back(std::move(group));
  }
  std::vector<recovered_group> merged;
  auto before = [](const recovered_group& a, const recovered_group& b) { return a.lsn < b.lsn; };
  std::merge(std::make_move_iterator(groups.begin()), std::make_move_iterator(groups.end()), std::make_move_iterator(added.begin()),
             std::make_move_iterator(added.end()), std::back_inserter(merged), before);
  groups = std::move(merged);
}

}  // namespace dbcord::database
