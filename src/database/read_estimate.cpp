#include "database/read_estimate.hpp"

#include <algorithm>
#include <utility>

#include "database/history_page.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t record_inline_most = 1'600;  // what a record of the log says beside the rows takes room, too

}  // namespace

void read_estimate::add(const stored_row& row, std::size_t key_size, bool read) {
  if (portions_.empty() || bytes_ >= slice_) {
    portions_.emplace_back();
    bytes_ = 0;
  }
  bytes_ += key_size + row.json_size;
  if (!read) return;
  ++rows_;
  auto& portion = portions_.back();
  if (!row.row_message) {
    auto& record = portion.records[row.lsn];
    record.message = row.log_message;
    record.bytes += row.json_size;
  } else if (row.part != 0) {
    portion.parts.emplace(row.row_message, row.part);
  } else {
    portion.messages.push_back(row.row_message.value);
    portion.files += row.json_size > inline_value_most;
  }
}

find_cost read_estimate::cost_of_messages(const portion& p, const message_spread& spread, value_reader::kept_sources& kept) {
  find_cost cost;
  auto ids = p.messages;
  std::uint64_t newest_page = 0;  // of those whose addresses are to be had
  std::vector<value_reader::page_part> missing;
  for (const auto& part : p.parts) {
    if (!kept.has(part)) missing.push_back(part);
  }
  for (const auto& part : missing) {
    ++cost.downloads;
    kept.add(part);
    if (!kept.pages.insert(part.first).second) continue;
    ids.push_back(part.first.value);
    newest_page = part.first.value;
  }
  cost.downloads += p.files;
  auto looks = spread.looks(std::move(ids));
  cost.listings = looks.listings;
  cost.fetches = looks.fetches;
  // The last one is listed, too, if it is a page.
  auto newest_own = p.messages.empty() ? 0 : *std::max_element(p.messages.begin(), p.messages.end());
  bool is_page = newest_page > 0 && newest_page >= newest_own;
  if (is_page) cost.listings += std::exchange(cost.fetches, 0);
  return cost;
}

// A listing shows the records that follow each other in the log; each record has a number of its own. The last one, alone, is fetched.
find_cost read_estimate::cost_of_records(const portion& p, value_reader::kept_sources& kept) {
  find_cost cost;
  std::uint64_t listed_to = 0;
  for (const auto& [lsn, record] : p.records) {
    if (kept.has(record.message)) continue;
    kept.add(record.message);
    if (lsn > listed_to) {
      listed_to = lsn + history_page_max - 1;
      ++(lsn == p.records.rbegin()->first ? cost.fetches : cost.log_listings);
    }
    cost.downloads += record.bytes > record_inline_most;
  }
  return cost;
}

find_cost read_estimate::cost(const message_spread& spread) const {
  auto kept = kept_;
  find_cost total;
  for (const auto& p : portions_) {
    total += cost_of_messages(p, spread, kept);
    total += cost_of_records(p, kept);
  }
  return total;
}

}  // namespace dbcord::database
