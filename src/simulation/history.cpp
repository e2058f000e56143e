#include "simulation/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "simulation/virtual_clock.hpp"

namespace dbcord::simulation {

namespace {

std::string at(base::steady_time when) {
  if (when == base::steady_time::max()) return "never";
  return fmt::format("{:.6f}", std::chrono::duration<double>(when - steady_origin).count());
}

std::string_view name(operation_kind kind) {
  static constexpr std::string_view names[] = {"insert", "update", "remove", "read"};
  return names[static_cast<int>(kind)];
}

std::string_view name(operation_outcome outcome) {
  static constexpr std::string_view names[] = {"done", "refused: exists", "refused: absent", "refused: version", "refused", "unknown"};
  return names[static_cast<int>(outcome)];
}

}  // namespace

std::string describe(const row_fields& fields) {
  std::string text = "{";
  for (const auto& [field, value] : fields) fmt::format_to(std::back_inserter(text), "{}:{} ", field, value);
  if (text.size() > 1) text.pop_back();
  return text + "}";
}

bool row_filter::matches(const row_fields& row) const {
  if (field.empty()) return true;
  auto value = row.find(field);
  return value != row.end() && value->second >= lowest && value->second <= highest;
}

std::string describe(const row_filter& filter) {
  if (filter.field.empty()) return "all rows";
  bool from = filter.lowest != row_filter().lowest, to = filter.highest != row_filter().highest;
  return fmt::format("{} from {} to {}", filter.field, from ? std::to_string(filter.lowest) : "any", to ? std::to_string(filter.highest) : "any");
}

std::string describe(const operation& op) {
  auto text = fmt::format("[{} .. {}] op {} user {} {} {}/{}", at(op.invoked), at(op.answered), op.number, op.user,
                          name(op.kind), op.table, op.key);
  for (const auto& [field, value] : op.fields) {
    fmt::format_to(std::back_inserter(text), " {}={}", field, value ? std::to_string(*value) : "null");
  }
  if (op.expected_version) text += fmt::format(" if v{}", *op.expected_version);
  text += " -> ";
  text += name(op.outcome);
  if (op.find != 0) text += fmt::format(" (find {})", op.find);
  for (const auto& filter : op.hidden_from) text += " not among " + describe(filter) + ";";
  if (op.seen) text += " " + describe(*op.seen);
  if (op.version) text += " v" + std::to_string(*op.version);
  if (!op.asked_by.empty()) text += " (" + op.asked_by + ")";
  if (!op.told.empty()) text += " \"" + op.told + "\"";
  return text;
}

row_fields merge(row_fields row, const row_patch& patch) {
  for (const auto& [field, value] : patch) {
    if (value) {
      row[field] = *value;
    } else {
      row.erase(field);
    }
  }
  return row;
}

precondition_figures count_preconditions(const history& all) {
  precondition_figures f;
  for (const auto& op : all) {
    if (!op.expected_version) continue;
    ++f.given;
    f.met += op.outcome == operation_outcome::done;
    f.refused += op.outcome == operation_outcome::refused_version;
    f.absent += op.outcome == operation_outcome::refused_absent;
  }
  return f;
}

}  // namespace dbcord::simulation
