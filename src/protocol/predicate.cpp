#include "protocol/predicate.hpp"

#include <algorithm>

#include "protocol/field_path.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {
namespace {

using kind = json_node::kind;

bool contains(const json_node& value, const json_node& operand) {
  switch (value.type) {
    case kind::string: return operand.type == kind::string && value.text.find(operand.text) != std::string::npos;
    case kind::object: return operand.type == kind::string && value.find(operand.text);
    default: return false;  // items of an array are looked at one by one, as for every condition
  }
}

// "$contains" of an array is about whole items; of a string or object about what is inside.
bool array_contains(const json_node& array, const json_node& operand) {
  return std::any_of(array.items.begin(), array.items.end(),
                     [&](const json_node& item) { return compare_values(item, operand) == 0; });
}

bool holds_for_value_or_item(const field_condition& c, const json_node& value) {
  if (holds_for(c, value)) return true;
  if (value.type != kind::array || c.how == comparison::exists || c.how == comparison::contains) return false;
  return std::any_of(value.items.begin(), value.items.end(), [&](const json_node& item) { return holds_for(c, item); });
}

bool holds_for_missing(const field_condition& c) {
  if (c.how == comparison::exists) return c.operand.text == "false";
  bool equality = c.how == comparison::eq || c.how == comparison::in;
  return equality && c.equals.has_null();
}

bool holds(const field_condition& c, const json_node& row) {
  if (c.how == comparison::exists) return (first_at_path(row, c.path) != nullptr) == (c.operand.text == "true");
  bool present = false;
  bool found = any_at_path(row, c.path, [&](const json_node& value) {
    present = true;
    return holds_for_value_or_item(c, value);
  });
  return found || (!present && holds_for_missing(c));
}

}  // namespace

bool holds_for(const field_condition& c, const json_node& value) {
  if (c.how == comparison::exists) return c.operand.text == "true";
  if (c.how == comparison::eq || c.how == comparison::in) return c.equals.contains(value);
  if (c.how == comparison::contains) return value.type == kind::array ? array_contains(value, c.operand) : contains(value, c.operand);
  if (value.type != c.operand.type) return false;
  if (c.how == comparison::prefix) return value.text.starts_with(c.operand.text);
  auto order = compare_values(value, c.operand);
  switch (c.how) {
    case comparison::gt: return order > 0;
    case comparison::gte: return order >= 0;
    case comparison::lt: return order < 0;
    default: return order <= 0;
  }
}

bool predicate::matches(const json_node& row) const {
  auto part_matches = [&](const predicate& part) { return part.matches(row); };
  switch (kind_) {
    case junction::condition: return holds(condition_, row);
    case junction::all_of: return std::all_of(parts_.begin(), parts_.end(), part_matches);
    case junction::any_of: return std::any_of(parts_.begin(), parts_.end(), part_matches);
    case junction::none_of: return std::none_of(parts_.begin(), parts_.end(), part_matches);
  }
  return false;
}

bool predicate::matches(std::string_view row_json) const {
  for (const auto& text : required_texts_) {
    if (row_json.find(text) == std::string_view::npos) return false;
  }
  if (matches_everything()) return true;
  auto row = parse_json(row_json);
  return row && matches(*row);
}

std::size_t predicate::conditions() const {
  std::size_t all = kind_ == junction::condition;
  for (const auto& part : parts_) all += part.conditions();
  return all;
}

std::vector<const field_condition*> predicate::demanded() const {
  std::vector<const field_condition*> out;
  collect_demanded(out);
  return out;
}

void predicate::collect_demanded(std::vector<const field_condition*>& out) const {
  if (kind_ == junction::condition) out.push_back(&condition_);
  if (kind_ != junction::all_of) return;
  for (const auto& part : parts_) part.collect_demanded(out);
}

}  // namespace dbcord::protocol
