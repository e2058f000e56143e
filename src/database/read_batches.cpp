#include "database/read_batches.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "database/value_reader.hpp"

namespace dbcord::database {
namespace {

bool is_alone(const protocol::image_row& row) { return row.part == 0 && row.json_size > inline_value_most; }

}  // namespace

read_batches::read_batches(std::vector<protocol::image_row> rows, const message_spread& spread) {
  rows_.reserve(rows.size());
  for (auto& row : rows) rows_.push_back({std::move(row)});
  number_sources(spread);
}

void read_batches::number_sources(const message_spread& spread) {
  std::vector<std::uint64_t> own;
  for (const auto& e : rows_) {
    if (!e.row.resident && e.row.row_message && e.row.part == 0) own.push_back(e.row.row_message.value);
  }
  std::sort(own.begin(), own.end());
  std::vector<std::uint64_t> ends;  // of the listings that show them all
  for (auto it = own.begin(); it != own.end(); it = std::upper_bound(it, own.end(), ends.back())) ends.push_back(spread.end_of_listing(*it));
  std::map<std::tuple<std::uint64_t, unsigned, bool>, std::uint64_t> numbers;
  for (auto& e : rows_) {
    const auto& row = e.row;
    if (row.resident) continue;
    auto where = row.row_message ? row.row_message.value : row.log_message.value;
    bool listed = row.row_message && row.part == 0 && !is_alone(row);
    if (listed) where = *std::lower_bound(ends.begin(), ends.end(), where);
    e.source = numbers.try_emplace({where, row.part, listed}, numbers.size()).first->second;
  }
}

std::vector<protocol::image_row> read_batches::ready() {
  std::vector<protocol::image_row> some;
  for (; next_ < rows_.size() && rows_[next_].row.resident; ++next_) some.push_back(std::move(rows_[next_].row));
  return some;
}

const base::error* read_batches::unreadable() const { return ended() || !rows_[next_].unreadable ? nullptr : &*rows_[next_].unreadable; }

std::vector<protocol::image_row> read_batches::lacking(std::size_t at_least, std::uint64_t sources_most, std::uint64_t at_most) {
  std::set<std::uint64_t> sources;
  std::size_t found = 0;
  for (auto i = next_; i < rows_.size() && found < at_least; ++i) {
    if (!rows_[i].lacks_value()) continue;
    if (!sources.empty() && sources.size() >= sources_most && !sources.contains(rows_[i].source)) break;
    sources.insert(rows_[i].source);
    ++found;
  }
  std::vector<protocol::image_row> some;
  taken_.clear();
  std::uint64_t met = 0;
  for (auto i = next_; i < rows_.size() && met < at_most; ++i) {
    met += rows_[i].lacks_value();
    if (!rows_[i].lacks_value() || !sources.contains(rows_[i].source)) continue;
    taken_.push_back(i);
    some.push_back(std::move(rows_[i].row));
  }
  return some;
}

void read_batches::put(valued_rows read) {
  for (std::size_t i = 0; i < taken_.size(); ++i) rows_[taken_[i]].row = std::move(read.rows[i]);
  for (const auto& [place, why] : read.unreadable) rows_[taken_[place]].unreadable = why;
  taken_.clear();
}

}  // namespace dbcord::database
