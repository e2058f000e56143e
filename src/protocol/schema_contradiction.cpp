#include "protocol/schema_contradiction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "protocol/field_path.hpp"
#include "protocol/field_rule_check.hpp"
#include "protocol/shown_value.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {
namespace {

std::string of_field(const field_rule& rule, std::string_view what) { return fmt::format("the field {} {}", shortened(rule.path), what); }

std::string not_for(const field_rule& rule, std::string_view name, std::string_view types) {
  return of_field(rule, fmt::format("has {}, which is for {}, not for {}", name, types, to_string(rule.type)));
}

// A field of such a type holds no other fields. Paths go through lists, item by item.
bool holds_fields(const field_rule& rule) {
  return rule.type == field_type::any || rule.type == field_type::object || rule.type == field_type::list;
}

// Numbers are texts of any length; where doubles have no fractions nothing is refused.
bool lacks_int_between(const std::string& min, const std::string& max) {
  constexpr double exact_most = 9007199254740992;  // 2^53
  auto low = std::strtod(min.c_str(), nullptr);
  if (!(std::fabs(low) < exact_most)) return false;
  auto is_between = [&](double whole) {
    auto text = fmt::format("{:.0f}", whole);
    return compare_numbers(text, min) >= 0 && compare_numbers(text, max) <= 0;
  };
  auto below = std::floor(low) + 0.0;  // no -0
  return !is_between(below) && !is_between(below + 1);
}

std::optional<std::string> wrong_choice(const field_rule& rule) {
  auto free = rule;
  free.allowed.clear();
  for (const auto& choice : rule.allowed) {
    if (auto bad = check_value(free, choice)) return of_field(rule, fmt::format("has {} in its enum, which its own rules refuse: {}", shown_value(choice), *bad));
  }
  return std::nullopt;
}

std::optional<std::string> contradiction_of(const field_rule& rule) {
  if (has_empty_part(rule.path)) return no_field_text(rule.path);
  bool numeric = rule.type == field_type::any || rule.type == field_type::integer || rule.type == field_type::number;
  if (rule.min && !numeric) return not_for(rule, "min", "int and float");
  if (rule.max && !numeric) return not_for(rule, "max", "int and float");
  if (rule.type == field_type::integer && rule.min && rule.max && lacks_int_between(*rule.min, *rule.max)) {
    return of_field(rule, fmt::format("is of type int, and no int lies between its min {} and its max {}", shortened(*rule.min), shortened(*rule.max)));
  }
  bool has_length = rule.type == field_type::any || rule.type == field_type::text || rule.type == field_type::list;
  if (rule.max_length && !has_length) return not_for(rule, "max_length", "str and list");
  return wrong_choice(rule);
}

bool lies_within(std::string_view path, std::string_view field) {
  return path.size() > field.size() && path.starts_with(field) && path[field.size()] == '.';
}

}  // namespace

std::optional<std::string> contradiction_in(const row_schema& schema) {
  const auto& rules = schema.rules();
  for (const auto& rule : rules) {
    if (auto bad = contradiction_of(rule)) return bad;
    if (holds_fields(rule)) continue;
    auto inner = std::find_if(rules.begin(), rules.end(), [&](const field_rule& r) { return lies_within(r.path, rule.path); });
    if (inner != rules.end()) return of_field(rule, fmt::format("is of type {}, so it cannot hold the field {}", to_string(rule.type), shortened(inner->path)));
  }
  return std::nullopt;
}

std::optional<std::string> contradiction_of_key(const row_schema& schema, std::string_view primary_key) {
  for (const auto& rule : schema.rules()) {
    if (lies_within(rule.path, primary_key)) return fmt::format("the field {} is the primary key, so it cannot hold the field {}", primary_key, shortened(rule.path));
    bool fits = rule.type == field_type::any || rule.type == field_type::text || rule.type == field_type::integer || rule.type == field_type::number;
    if (rule.path == primary_key && !fits) return of_field(rule, fmt::format("is the primary key, so it must be of type str or int, not {}", to_string(rule.type)));
    if (rule.path == primary_key && rule.default_value) return of_field(rule, "is the primary key, of which each row gives its own, so it can have no default");
  }
  return std::nullopt;
}

}  // namespace dbcord::protocol
