#include "database/read_estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "database/history_page.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t record_inline_most = 1'600;  // what a record of the log says beside the rows takes room, too
// As observed of Discord (discord-facts.md 2.5 and 8.2); the limits that count are learned from headers, this is for people.
constexpr double reads_at_once = 5, searches_at_once = 1;
constexpr double reads_a_second = 1, searches_a_second = 1;

}  // namespace

double find_cost::seconds() const {
  auto waiting = [](std::uint64_t requests, double at_once, double a_second) {
    return std::max(0.0, static_cast<double>(requests) - at_once) / a_second;
  };
  return waiting(reads, reads_at_once, reads_a_second) + waiting(searches, searches_at_once, searches_a_second) +
         0.1 * static_cast<double>(requests());
}

std::string find_cost::text() const {
  if (requests() == 0) return "0 requests";
  auto s = std::max(1.0, std::round(seconds()));
  return fmt::format("about {} request{}, {:.0f} s", requests(), requests() == 1 ? "" : "s", s);
}

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

std::uint64_t read_estimate::requests_of_messages(const portion& p, const message_spread& spread, value_reader::kept_sources& kept) {
  auto ids = p.messages;
  std::vector<value_reader::page_part> missing;
  for (const auto& part : p.parts) {
    if (!kept.has(part)) missing.push_back(part);
  }
  for (const auto& part : missing) {
    ids.push_back(part.first.value);
    kept.add(part);
  }
  return spread.listings(ids) + missing.size() + p.files;
}

// A listing shows the records that follow each other in the log; each record has a number of its own.
std::uint64_t read_estimate::requests_of_records(const portion& p, value_reader::kept_sources& kept) {
  std::uint64_t total = 0, listed_to = 0;
  for (const auto& [lsn, record] : p.records) {
    if (kept.has(record.message)) continue;
    kept.add(record.message);
    if (lsn > listed_to) {
      listed_to = lsn + history_page_max - 1;
      ++total;
    }
    total += record.bytes > record_inline_most;
  }
  return total;
}

std::uint64_t read_estimate::requests(const message_spread& spread) const {
  auto kept = kept_;
  std::uint64_t total = 0;
  for (const auto& p : portions_) total += requests_of_messages(p, spread, kept) + requests_of_records(p, kept);
  return total;
}

}  // namespace dbcord::database
