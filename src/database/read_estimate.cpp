#include "database/read_estimate.hpp"

#include "database/history_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dbcord::database {
namespace {

constexpr std::uint64_t inline_most = 1'900;  // larger values lie in files
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
    portion.records.insert(row.log_message);
    return;
  }
  portion.messages.push_back(row.row_message.value);
  if (row.part != 0) portion.parts.emplace(row.row_message, row.part);
  portion.files += row.part == 0 && row.json_size > inline_most;
}

std::uint64_t read_estimate::requests() const {
  std::uint64_t least = ~std::uint64_t{0}, most = 0;
  for (const auto& p : portions_) {
    for (auto m : p.messages) least = std::min(least, m), most = std::max(most, m);
  }
  auto span = most > least ? (most - least) / std::max<std::uint64_t>(messages_, 1) * history_page_max : 0;  // of ids, that one listing covers
  std::uint64_t total = 0;
  for (const auto& p : portions_) {
    auto ids = p.messages;
    std::sort(ids.begin(), ids.end());
    for (auto it = ids.begin(); it != ids.end(); ++total) it = std::upper_bound(it, ids.end(), *it + span);
    total += p.files + p.parts.size() + 2 * p.records.size();  // the record's message, and its file
  }
  return total;
}

}  // namespace dbcord::database
