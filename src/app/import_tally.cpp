#include "app/import_tally.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "app/reply_message.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::app {
namespace {

namespace json = boost::json;

const char* name_of(row_outcome outcome) {
  switch (outcome) {
    case row_outcome::not_sent: return "not sent";
    case row_outcome::accepted: return "accepted";
    case row_outcome::refused: return "refused";
    case row_outcome::unknown: return "unknown";
  }
  return "unknown";
}

std::optional<commands::refused_line> parse_refusal(std::string_view line) {
  boost::system::error_code ec;
  auto value = json::parse(json::string_view(line.data(), line.size()), ec);
  auto* object = ec ? nullptr : value.if_object();
  auto* number = object ? object->if_contains("line") : nullptr;
  if (!number || !number->is_int64() || number->get_int64() < 1) return std::nullopt;
  return commands::refused_line{static_cast<std::size_t>(number->get_int64()), string_member(*object, "key"),
                                string_member(*object, "reason")};
}

// Nothing if a line is none of ours.
std::optional<std::vector<commands::refused_line>> parse_refusals(std::string_view text) {
  std::vector<commands::refused_line> found;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto refusal = parse_refusal(text.substr(0, end));
    if (!refusal) return std::nullopt;
    found.push_back(std::move(*refusal));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

}  // namespace

import_tally::import_tally(std::vector<commands::refused_line> local, const std::vector<std::size_t>& lines) {
  for (auto line : lines) outcomes_.push_back({line, row_outcome::not_sent});
  for (const auto& bad : local) outcomes_.push_back({bad.line, row_outcome::refused});
  std::sort(outcomes_.begin(), outcomes_.end(), [](const entry& a, const entry& b) { return a.line < b.line; });
  refused_ = std::move(local);
}

// Several rows may begin on one line (an array on one line); the first that has no outcome yet is meant.
import_tally::entry& import_tally::at_line(std::size_t line) {
  auto found = std::lower_bound(outcomes_.begin(), outcomes_.end(), line, [](const entry& e, std::size_t l) { return e.line < l; });
  DBCORD_ASSERT(found != outcomes_.end() && found->line == line);
  auto open = found;
  while (open != outcomes_.end() && open->line == line && open->outcome != row_outcome::not_sent) ++open;
  return open != outcomes_.end() && open->line == line ? *open : *found;
}

void import_tally::refuse(commands::refused_line refusal) {
  at_line(refusal.line).outcome = row_outcome::refused;
  refused_.push_back(std::move(refusal));
}

bool import_tally::settle(const import_chunk& chunk, std::size_t accepted, std::string_view refusals) {
  auto refused = parse_refusals(refusals);
  auto fits = [&](const commands::refused_line& r) { return chunk.row_at(r.line).has_value(); };
  if (!refused || accepted + refused->size() != chunk.lines.size() || !std::all_of(refused->begin(), refused->end(), fits)) {
    all_unknown(chunk);
    return false;
  }
  std::vector<bool> is_refused(chunk.lines.size(), false);
  for (auto& r : *refused) {
    auto row = *chunk.row_at(r.line);
    is_refused[row] = true;
    r.line = chunk.lines[row];
    if (!chunk.items.empty()) r.item = chunk.items[row];
    refuse(std::move(r));
  }
  for (std::size_t i = 0; i < chunk.lines.size(); ++i)
    if (!is_refused[i]) at_line(chunk.lines[i]).outcome = row_outcome::accepted;
  return true;
}

void import_tally::all_refused(const import_chunk& chunk, const std::string& reason) {
  for (auto line : chunk.lines) refuse({line, {}, reason});
}

void import_tally::all_unknown(const import_chunk& chunk) {
  for (auto line : chunk.lines) at_line(line).outcome = row_outcome::unknown;
}

std::size_t import_tally::count(row_outcome outcome) const {
  return static_cast<std::size_t>(
      std::count_if(outcomes_.begin(), outcomes_.end(), [outcome](const entry& e) { return e.outcome == outcome; }));
}

std::string import_tally::as_json_lines() const {
  auto refused = refused_;
  std::stable_sort(refused.begin(), refused.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  std::size_t next = 0;
  std::string text;
  for (const auto& e : outcomes_) {
    json::object line{{"line", e.line}, {"outcome", name_of(e.outcome)}};
    if (e.outcome == row_outcome::refused && next < refused.size()) {
      const auto& why = refused[next++];
      if (!why.key.empty()) line["key"] = why.key;
      line["reason"] = why.reason;
    }
    text += json::serialize(line) + "\n";
  }
  return text;
}

}  // namespace dbcord::app
